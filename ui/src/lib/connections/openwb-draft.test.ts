import { describe, expect, it } from 'vitest';

import { OpenwbDraft } from './openwb-draft.svelte';

function entered(host: string): OpenwbDraft {
  const draft = new OpenwbDraft();
  draft.enterHost(host);
  return draft;
}

describe('a connection being entered', () => {
  it('takes a whole address apart', () => {
    expect(entered('mqtts://openwb.local:8884')).toMatchObject({ host: 'openwb.local', port: '8884', tls: true });
    expect(entered('192.168.1.20:1885')).toMatchObject({ host: '192.168.1.20', port: '1885', tls: false });
    expect(entered('http://openwb.local/openWB/web/')).toMatchObject({ host: 'openwb.local', port: '1883' });
    expect(entered('openwb.local').host).toBe('openwb.local');
  });

  it('moves between the usual ports with the encryption, and leaves an unusual one', () => {
    const draft = new OpenwbDraft();
    draft.encrypt(true);
    expect(draft.port).toBe('8883');
    draft.encrypt(false);
    expect(draft.port).toBe('1883');
    draft.port = '9000';
    draft.encrypt(true);
    expect(draft.port).toBe('9000');
  });

  it('keeps, replaces or removes the stored password as asked', () => {
    const draft = new OpenwbDraft();
    expect(draft.input.password).toBeNull();
    draft.password = 'secret';
    expect(draft.input.password).toBe('secret');
    draft.forgetPassword = true;
    expect(draft.input.password).toBe('');
  });

  it('knows what cannot be an address', () => {
    const draft = new OpenwbDraft();
    expect(draft.valid).toBe(false);
    draft.host = 'openwb.local';
    expect(draft.valid).toBe(true);
    for (const port of ['0', '70000', 'abc', '']) {
      draft.port = port;
      expect(draft.valid, port).toBe(false);
    }
  });

  it('asks for the usual web server port unless another one is given', () => {
    const draft = new OpenwbDraft();
    draft.host = 'openwb.local';
    expect(draft.input.http_port).toBeNull();
    draft.httpPort = '8080';
    expect(draft.input.http_port).toBe(8080);
    draft.httpPort = 'web';
    expect(draft.valid).toBe(false);
  });

  it('pins a certificate only while encrypted', () => {
    const draft = new OpenwbDraft();
    draft.encrypt(true);
    draft.fingerprint = 'ab';
    expect(draft.input.tls).toEqual({ enabled: true, pinned_fingerprint: 'ab' });
    draft.encrypt(false);
    expect(draft.input.tls).toEqual({ enabled: false, pinned_fingerprint: null });
  });
});
