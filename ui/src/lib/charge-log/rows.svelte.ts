import { api, ask } from '$lib/api/client';
import type { ChargeLogRow } from '$lib/api/types';

const FIRST = 100;
/** More the server does not hand out at once. */
const MOST = 5000;

/** The imported rows of one source, the newest first. Those that cannot be read have no time and come last. */
export class LogRows {
  rows = $state.raw<ChargeLogRow[] | null>(null);
  loading = $state(false);
  error = $state.raw<unknown>(null);
  /** False as long as there are older rows. */
  complete = $state(false);
  readonly #source: string;
  #limit = FIRST;

  constructor(source: string) {
    this.#source = source;
  }

  /** Asks for what is shown already, as after an import. */
  load(): Promise<void> {
    return this.#fetch();
  }

  more(): Promise<void> {
    this.#limit = longer(this.#limit);
    return this.#fetch();
  }

  all(): Promise<void> {
    this.#limit = MOST;
    return this.#fetch();
  }

  async #fetch(): Promise<void> {
    if (this.loading) return;
    this.loading = true;
    try {
      const query = { source: this.#source, limit: this.#limit };
      const { rows } = await ask(api.GET('/api/v1/charge-log', { params: { query } }));
      this.rows = rows;
      this.complete = rows.length < this.#limit || this.#limit === MOST;
      this.error = null;
    } catch (error) {
      this.error = error;
    }
    this.loading = false;
  }
}

const longer = (limit: number): number => Math.min(limit * 2, MOST);
