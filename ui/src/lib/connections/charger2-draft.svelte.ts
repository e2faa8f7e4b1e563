import type { SourceInput, SourceOf } from '$lib/api/types';

import { isPort } from './port';

const MODBUS_PORT = 502;

/** An Elli Charger 2 while it is being entered. */
export class Charger2Draft {
  readonly id: string | null;
  name = $state('');
  host = $state('');
  port = $state(String(MODBUS_PORT));

  constructor(source?: SourceOf<'charger2'>) {
    this.id = source?.id ?? null;
    if (!source) return;
    this.name = source.name;
    this.host = source.host;
    this.port = String(source.port);
  }

  readonly hostValid = $derived(this.host.trim() !== '');
  readonly portValid = $derived(isPort(this.port));
  readonly valid = $derived(this.hostValid && this.portValid);

  /** The address of the box's own page, pasted whole, is taken apart. */
  enterHost(text: string): void {
    const parts = /^\s*(?:(https?|tcp|modbus(?:\+tcp)?):\/\/)?([^/:\s]+|\[[^\]]+\])(?::(\d+))?(?:\/.*)?\s*$/i.exec(
      text,
    );
    if (!parts || (!parts[1] && !parts[3])) {
      this.host = text;
      return;
    }
    this.host = parts[2] ?? text;
    // A web page's port is never Modbus's.
    if (parts[3] && !parts[1]?.toLowerCase().startsWith('http')) this.port = parts[3];
  }

  get input(): SourceInput {
    const name = this.name.trim();
    return { kind: 'charger2', name: name === '' ? null : name, host: this.host.trim(), port: Number(this.port) };
  }
}
