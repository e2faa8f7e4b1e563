import { SvelteSet } from 'svelte/reactivity';

import { api, ask } from '$lib/api/client';
import type { Status } from '$lib/api/types';
import { m } from '$lib/paraglide/messages';

const EVERY_MS = 30_000;

/** What the server says about itself, asked for now and then. */
class ServerStatus {
  current = $state.raw<Status | null>(null);
  readonly #dismissed = new SvelteSet<string>();

  readonly recorderProblem = $derived(
    this.current?.recorder.state === 'blocked' ? (this.current.recorder.problem?.detail ?? '') : null,
  );

  /** The newest matter that was not put away yet. */
  readonly notice = $derived.by(() => {
    const status = this.current;
    if (!status) return null;
    if (status.database.state === 'damaged' || status.database.moved_aside_to) {
      const key = `database ${status.database.moved_aside_to ?? ''}`;
      if (!this.#dismissed.has(key)) return { key, text: m.banner_database_damaged };
    }
    const open = status.notices.filter((notice) => !this.#dismissed.has(notice.code + notice.at));
    const newest = open.at(-1);
    return newest ? { key: newest.code + newest.at, text: () => newest.detail } : null;
  });

  async refresh(): Promise<void> {
    this.current = await ask(api.GET('/api/v1/status'));
  }

  dismiss(key: string): void {
    this.#dismissed.add(key);
  }

  /** Asks until stopped; failures are the connection's matter and shown there. */
  watch(): () => void {
    const look = () => void this.refresh().catch(() => undefined);
    look();
    const timer = setInterval(look, EVERY_MS);
    return () => clearInterval(timer);
  }
}

export const serverStatus = new ServerStatus();
