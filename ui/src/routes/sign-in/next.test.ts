import { expect, it } from 'vitest';

import { codeIn, nextPage } from './next';

it('leads back to a page of our own and nowhere else', () => {
  expect(nextPage('/history?period=month')).toBe('/history?period=month');
  for (const wanted of [null, '', 'https://example.org', '//example.org', '/\\example.org', '/sign-in?next=/']) {
    expect(nextPage(wanted)).toBe('/');
  }
});

it('finds the one-time code in the fragment', () => {
  expect(codeIn('#code=kX1v')).toBe('kX1v');
  expect(codeIn('#elsewhere')).toBeNull();
  expect(codeIn('')).toBeNull();
});
