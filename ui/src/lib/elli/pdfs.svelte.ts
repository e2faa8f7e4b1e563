import { api, ask } from '$lib/api/client';
import type { ElliPdf } from '$lib/api/types';
import { host } from '$lib/host';

/** Which of Elli's reports is wanted. */
export interface Wanted {
  station: string;
  /** Null: all sessions. */
  card: string | null;
  /** Local dates of the household, the second exclusive. */
  from: string;
  to: string;
}

/** Elli's own reports: those that are kept, and fetching another. */
export class Pdfs {
  kept = $state.raw<ElliPdf[] | null>(null);
  error = $state.raw<unknown>(null);
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  async load(): Promise<void> {
    try {
      const params = { path: { id: this.#source } };
      this.kept = (await ask(api.GET('/api/v1/sources/{id}/elli/pdfs', { params }))).pdfs;
      this.error = null;
    } catch (error) {
      this.error = error;
    }
  }

  /** Fetches a report from Elli and hands it over; it is kept as well. */
  async fetch({ station, card, from, to }: Wanted, name: string): Promise<void> {
    const query = { station, from, to, ...(card === null ? {} : { card }) };
    const params = { path: { id: this.#source }, query };
    const file = await ask(api.GET('/api/v1/sources/{id}/elli/records.pdf', { params, parseAs: 'blob' }));
    await (await host()).saveFile(name, file);
    await this.load();
  }

  /** Hands a report over that is kept. */
  async save(pdf: number, name: string): Promise<void> {
    const params = { path: { id: this.#source, pdf } };
    const file = await ask(api.GET('/api/v1/sources/{id}/elli/pdfs/{pdf}', { params, parseAs: 'blob' }));
    await (await host()).saveFile(name, file);
  }
}
