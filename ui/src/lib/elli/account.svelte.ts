import { api, ask } from '$lib/api/client';
import { repeatWhileVisible, type Repeating } from '$lib/api/repeat';
import type { ElliAccount } from '$lib/api/types';
import { live } from '$lib/live/store.svelte';

const WHILE_READING_MS = 1000;
const OTHERWISE_MS = 10_000;

/** An Elli account as it was read last, for as long as somebody looks. */
export class AccountWatch {
  account = $state.raw<ElliAccount | null>(null);
  error = $state.raw<unknown>(null);
  /** Somebody has asked to read it now. */
  asking = $state(false);
  readonly reading = $derived(this.account?.sync.running === true || this.account?.records.state === 'running');
  readonly #path: { path: { id: string } };
  #repeating: Repeating | null = null;
  /** Signing in and out shows in the live view at once. */
  readonly #told = $derived.by(() => {
    const source = live.source(this.#path.path.id);
    return `${source?.state} ${source?.problem?.code}`;
  });

  constructor(source: string) {
    this.#path = { path: { id: source } };
  }

  /** Looks until the returned function is called; made for `$effect`. */
  watch(): () => void {
    // With every such news the effect looks anew.
    void this.#told;
    const repeating = repeatWhileVisible(
      (signal) => this.#look(signal),
      () => (this.reading ? WHILE_READING_MS : OTHERWISE_MS),
    );
    this.#repeating = repeating;
    return () => repeating.stop();
  }

  /** Looks at once. */
  now(): void {
    this.#repeating?.now();
  }

  /** Has the account read now, all its records included. */
  async sync(): Promise<void> {
    this.asking = true;
    try {
      await ask(api.POST('/api/v1/sources/{id}/elli/sync', { params: this.#path }));
      this.now();
    } finally {
      this.asking = false;
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    try {
      this.account = await ask(api.GET('/api/v1/sources/{id}/elli', { params: this.#path, signal }));
      this.error = null;
    } catch (error) {
      if (!signal.aborted) this.error = error;
    }
  }
}
