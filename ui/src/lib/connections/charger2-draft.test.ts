import { describe, expect, it } from 'vitest';

import { Charger2Draft } from './charger2-draft.svelte';

function entered(host: string): Charger2Draft {
  const draft = new Charger2Draft();
  draft.enterHost(host);
  return draft;
}

describe('a Charger 2 being entered', () => {
  it('takes the address of its own page, but not that page’s port', () => {
    expect(entered('https://192.168.178.40/login')).toMatchObject({ host: '192.168.178.40', port: '502' });
    expect(entered('https://192.168.178.40:443/')).toMatchObject({ host: '192.168.178.40', port: '502' });
    expect(entered('192.168.178.40:5020')).toMatchObject({ host: '192.168.178.40', port: '5020' });
    expect(entered('charger.local').host).toBe('charger.local');
  });

  it('is sent without a name when none was given', () => {
    const draft = entered('charger.local');
    expect(draft.input).toEqual({ kind: 'charger2', name: null, host: 'charger.local', port: 502 });
    draft.name = ' Garage ';
    expect(draft.input).toMatchObject({ name: 'Garage' });
  });

  it('needs an address and a port that can be', () => {
    const draft = new Charger2Draft();
    expect(draft.valid).toBe(false);
    draft.host = 'charger.local';
    expect(draft.valid).toBe(true);
    draft.port = '70000';
    expect(draft.valid).toBe(false);
  });
});
