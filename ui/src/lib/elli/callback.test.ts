import { describe, expect, it } from 'vitest';

import { callbackIn } from './callback';

const REDIRECT = 'com.elli.ios.emsp://login.elli.eco/ios/com.elli.ios.emsp/callback';
const ADDRESS = `${REDIRECT}?code=aB-1_2&state=x%3Dy`;

describe('the address in what was copied', () => {
  it.each([
    ['alone', ADDRESS],
    ['with blanks around it', `  ${ADDRESS}\n`],
    ['in quotes', `"${ADDRESS}"`],
    ['as a header', `Location: ${ADDRESS}\r\nServer: cloudflare`],
    [
      'in a sentence of Chromium’s',
      `Failed to launch '${ADDRESS}' because the scheme does not have a registered handler.`,
    ],
    ['in Firefox’s', `Prevented navigation to “${ADDRESS}” due to an unknown protocol.`],
  ])('is found %s', (_, text) => {
    expect(callbackIn(text, REDIRECT)).toBe(ADDRESS);
  });

  it('stays what it is when it is another one', () => {
    expect(callbackIn(' https://login.elli.eco/u/login ', REDIRECT)).toBe('https://login.elli.eco/u/login');
  });
});
