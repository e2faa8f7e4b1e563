import { api, ApiError, ask } from '$lib/api/client';
import type { ElliSignIn, ErrorCode, Source } from '$lib/api/types';
import { errorText } from '$lib/problems/problems';

import { callbackIn } from './callback';

/** After these a sign-in has ended, and only a new one can go on. */
const ENDS: ReadonlySet<string> = new Set<ErrorCode>([
  'elli_sign_in_refused',
  'elli_sign_in_expired',
  'elli_other_account',
]);

/** Signing in with Elli: begun on one page, finished with the address at which the browser ends. */
export class SignInAttempt {
  /** The sign-in that is under way. */
  begun = $state.raw<ElliSignIn | null>(null);
  beginning = $state(false);
  finishing = $state(false);
  failure = $state<string | null>(null);
  readonly #account: string | null;
  #left = false;
  #finished = false;

  /** `account` is the source to sign in again; null adds one. */
  constructor(account: string | null) {
    this.#account = account;
  }

  /** Begins anew; what was under way is given up. */
  async begin(): Promise<void> {
    this.#giveUp();
    this.beginning = true;
    try {
      const begun = await ask(api.POST('/api/v1/elli/sign-in', { body: { source_id: this.#account } }));
      this.begun = begun;
      this.failure = null;
      // The page was left while the answer was on its way.
      if (this.#left) this.#giveUp();
    } catch (error) {
      this.failure = errorText(error);
    } finally {
      this.beginning = false;
    }
  }

  /** Hands over where the browser ended; null if that was not the end of this sign-in. */
  async finish(text: string): Promise<Source | null> {
    const { begun } = this;
    if (begun === null) return null;
    this.finishing = true;
    this.failure = null;
    try {
      const callback = callbackIn(text, begun.redirect_uri);
      const source = await ask(
        api.POST('/api/v1/elli/sign-in/{id}/callback', { params: { path: { id: begun.id } }, body: { callback } }),
      );
      this.#finished = true;
      return source;
    } catch (error) {
      if (error instanceof ApiError && ENDS.has(error.code)) this.begun = null;
      this.failure = errorText(error);
      return null;
    } finally {
      this.finishing = false;
    }
  }

  /** Nobody waits for it any more. */
  leave(): void {
    this.#left = true;
    this.#giveUp();
  }

  #giveUp(): void {
    const { begun } = this;
    this.begun = null;
    if (begun === null || this.#finished) return;
    // It ends by itself if this does not arrive.
    void ask(api.DELETE('/api/v1/elli/sign-in/{id}', { params: { path: { id: begun.id } } })).catch(() => undefined);
  }
}
