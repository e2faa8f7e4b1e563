import { api, ask } from '$lib/api/client';
import type { CommandRecord } from '$lib/control/command';

/** How many entries one request brings. */
export const PAGE_SIZE = 20;

interface Question {
  charge_point: string;
  before?: string;
  limit: number;
}
type Ask = (question: Question) => Promise<CommandRecord[]>;

const fromServer: Ask = async (query) => (await ask(api.GET('/api/v1/commands', { params: { query } }))).commands;

/** The commands to one charge point, newest first, as far back as somebody has asked. */
export class Journal {
  entries = $state.raw<CommandRecord[] | null>(null);
  loading = $state(false);
  /** Whether there are older ones. */
  more = $state(false);
  error = $state.raw<unknown>(null);
  readonly #chargePoint: string;
  readonly #ask: Ask;

  constructor(chargePoint: string, ask: Ask = fromServer) {
    this.#chargePoint = chargePoint;
    this.#ask = ask;
  }

  /** Brings the newest entries; what was loaded of the older ones stays. */
  refresh(): Promise<void> {
    return this.#load(async () => {
      const newest = await this.#ask({ charge_point: this.#chargePoint, limit: PAGE_SIZE });
      const known = this.entries ?? [];
      const oldest = newest.at(-1)?.id;
      const kept = oldest === undefined ? [] : known.slice(known.findIndex((entry) => entry.id === oldest) + 1);
      // Where the two do not meet, there may be entries between them.
      const meet = oldest !== undefined && known.some((entry) => entry.id === oldest);
      if (!meet) this.more = newest.length === PAGE_SIZE;
      this.entries = meet ? [...newest, ...kept] : newest;
    });
  }

  loadMore(): Promise<void> {
    return this.#load(async () => {
      const known = this.entries ?? [];
      const older = await this.#ask({ charge_point: this.#chargePoint, before: known.at(-1)?.id, limit: PAGE_SIZE });
      this.more = older.length === PAGE_SIZE;
      this.entries = [...known, ...older];
    });
  }

  async #load(work: () => Promise<void>): Promise<void> {
    this.loading = true;
    try {
      await work();
      this.error = null;
    } catch (error) {
      this.error = error;
    }
    this.loading = false;
  }
}
