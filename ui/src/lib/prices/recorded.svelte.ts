import { api, ask } from '$lib/api/client';

import { ofOneSource, slotsOf, type Slot } from './tariff';

/** The recorded prices of the time that the history page shows. */
export class RecordedPrices {
  slots = $state.raw<Slot[]>([]);
  #running: AbortController | null = null;

  /** From and to are local dates or instants; without an answer there are no prices, and the rest is shown. */
  async load(from: string, to: string): Promise<void> {
    this.stop();
    const running = new AbortController();
    this.#running = running;
    try {
      const params = { query: { from, to } };
      const { prices } = await ask(api.GET('/api/v1/prices', { params, signal: running.signal }));
      if (this.#running === running) this.slots = slotsOf(ofOneSource(prices));
    } catch {
      if (this.#running === running) this.slots = [];
    }
  }

  clear(): void {
    this.stop();
    this.slots = [];
  }

  stop(): void {
    this.#running?.abort();
    this.#running = null;
  }
}
