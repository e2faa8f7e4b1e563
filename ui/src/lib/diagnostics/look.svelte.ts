import { api, ask } from '$lib/api/client';
import { repeatWhileVisible } from '$lib/api/repeat';
import type { Topic } from '$lib/api/types';
import { host } from '$lib/host';

const EVERY_MS = 2000;

/** Everything that a source publishes, for as long as somebody looks. */
export class TopicLook {
  topics = $state.raw<Topic[] | null>(null);
  connected = $state(false);
  complete = $state(true);
  error = $state.raw<unknown>(null);
  readonly #path: { path: { id: string } };

  constructor(source: string) {
    this.#path = { path: { id: source } };
  }

  /** Looks until the returned function is called; made for `$effect`. */
  watch(): () => void {
    const repeating = repeatWhileVisible(
      (signal) => this.#look(signal),
      () => EVERY_MS,
    );
    return () => repeating.stop();
  }

  /** Hands over what is known as a file without secrets. */
  async save(name: string): Promise<void> {
    const answer = api.GET('/api/v1/sources/{id}/diagnostics', { params: this.#path, parseAs: 'blob' });
    await (await host()).saveFile(name, await ask(answer));
  }

  async #look(signal: AbortSignal): Promise<void> {
    try {
      const found = await ask(api.GET('/api/v1/sources/{id}/topics', { params: this.#path, signal }));
      this.topics = found.topics;
      this.connected = found.connected;
      this.complete = found.complete;
      this.error = null;
    } catch (error) {
      if (!signal.aborted) this.error = error;
    }
  }
}
