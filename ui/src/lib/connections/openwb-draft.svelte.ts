import type { SourceInput, SourceOf } from '$lib/api/types';

import { isPort } from './port';

const PLAIN_PORT = 1883;
const TLS_PORT = 8883;

/** An openWB while it is being entered. */
export class OpenwbDraft {
  readonly id: string | null;
  /** A password is stored on the other side and stays unless something is entered. */
  readonly passwordStored: boolean;
  name = $state('');
  host = $state('');
  port = $state(String(PLAIN_PORT));
  tls = $state(false);
  fingerprint = $state<string | null>(null);
  username = $state('');
  password = $state('');
  forgetPassword = $state(false);
  prefix = $state('');
  /** Empty for the usual one. */
  httpPort = $state('');

  constructor(source?: SourceOf<'openwb'>) {
    this.id = source?.id ?? null;
    this.passwordStored = source?.has_password ?? false;
    if (!source) return;
    this.name = source.name;
    this.host = source.host;
    this.port = String(source.port);
    this.tls = source.tls.enabled;
    this.fingerprint = source.tls.pinned_fingerprint ?? null;
    this.username = source.username ?? '';
    this.prefix = source.topic_prefix ?? '';
    this.httpPort = source.http_port == null ? '' : String(source.http_port);
  }

  readonly hostValid = $derived(this.host.trim() !== '');
  readonly portValid = $derived(isPort(this.port));
  readonly httpPortValid = $derived(this.httpPort.trim() === '' || isPort(this.httpPort));
  readonly valid = $derived(this.hostValid && this.portValid && this.httpPortValid);

  /** The usual port follows the encryption, an unusual one stays. */
  encrypt(on: boolean): void {
    this.tls = on;
    if (!on) this.fingerprint = null;
    if (on && this.port === String(PLAIN_PORT)) this.port = String(TLS_PORT);
    else if (!on && this.port === String(TLS_PORT)) this.port = String(PLAIN_PORT);
  }

  /** An address pasted whole, such as mqtts://openwb.local:8883, is taken apart. */
  enterHost(text: string): void {
    const parts = /^\s*(?:(mqtts?|https?|tcp|ssl):\/\/)?([^/:\s]+|\[[^\]]+\])(?::(\d+))?(?:\/.*)?\s*$/i.exec(text);
    if (!parts || (!parts[1] && !parts[3])) {
      this.host = text;
      return;
    }
    this.host = parts[2] ?? text;
    const scheme = parts[1]?.toLowerCase();
    if (scheme === 'mqtts' || scheme === 'ssl') this.encrypt(true);
    if (scheme === 'mqtt' || scheme === 'tcp') this.encrypt(false);
    // A web page's port is never the broker's.
    if (parts[3] && scheme !== 'http' && scheme !== 'https') this.port = parts[3];
  }

  get input(): Extract<SourceInput, { kind: 'openwb' }> {
    const text = (value: string) => (value.trim() === '' ? null : value.trim());
    return {
      id: this.id,
      kind: 'openwb',
      name: text(this.name),
      host: this.host.trim(),
      port: Number(this.port),
      tls: { enabled: this.tls, pinned_fingerprint: this.tls ? this.fingerprint : null },
      username: text(this.username),
      password: this.forgetPassword ? '' : this.password === '' ? null : this.password,
      topic_prefix: text(this.prefix),
      http_port: this.httpPort.trim() === '' ? null : Number(this.httpPort),
    };
  }
}
