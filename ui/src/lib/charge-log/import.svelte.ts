import { api, ask } from '$lib/api/client';
import { repeatWhileVisible, type Repeating } from '$lib/api/repeat';
import type { ChargeLogImport } from '$lib/api/types';
import { errorText } from '$lib/problems/problems';

const WHILE_RUNNING_MS = 1000;
/** Another browser may have begun one. */
const OTHERWISE_MS = 15_000;

/** The import of one source's charge log; it runs on the other side, whoever looks. */
export class ImportWatch {
  status = $state.raw<ChargeLogImport | null>(null);
  failure = $state<string | null>(null);
  beginning = $state(false);
  readonly running = $derived(this.status?.state === 'running');
  readonly #path: { path: { id: string } };
  #repeating: Repeating | null = null;

  constructor(source: string) {
    this.#path = { path: { id: source } };
  }

  /** Follows the import until the returned function is called; made for `$effect`. */
  watch(): () => void {
    const repeating = repeatWhileVisible(
      (signal) => this.#look(signal),
      () => (this.running ? WHILE_RUNNING_MS : OTHERWISE_MS),
    );
    this.#repeating = repeating;
    return () => repeating.stop();
  }

  async begin(): Promise<void> {
    this.beginning = true;
    try {
      this.status = await ask(api.POST('/api/v1/sources/{id}/charge-log/import', { params: this.#path }));
      this.failure = null;
      this.#repeating?.now();
    } catch (error) {
      this.failure = errorText(error);
    } finally {
      this.beginning = false;
    }
  }

  async #look(signal: AbortSignal): Promise<void> {
    try {
      this.status = await ask(api.GET('/api/v1/sources/{id}/charge-log/import', { params: this.#path, signal }));
      this.failure = null;
    } catch (error) {
      if (!signal.aborted) this.failure = errorText(error);
    }
  }
}
