import { api, ApiError, ask } from '$lib/api/client';
import type { Source, SourceInput, SourceTest } from '$lib/api/types';
import { errorText } from '$lib/problems/problems';

/** A connection while it is being entered. */
export interface Draft {
  /** The connection to change; null for a new one. */
  readonly id: string | null;
  readonly valid: boolean;
  readonly input: SourceInput;
}

/** Tries a connection that is being entered, and keeps it. */
export class Trial {
  tested = $state.raw<SourceTest | null>(null);
  busy = $state<'test' | 'save' | null>(null);
  failure = $state<string | null>(null);
  /** Whether somebody has tried: only then is an empty field wrong. */
  tried = $state(false);
  readonly proven = $derived(this.tested?.ok === true);
  readonly #draft: Draft;
  /** Fields that show what is wrong with them. */
  readonly #fields: readonly string[];
  #refused = $state.raw<{ field: string; text: string } | null>(null);
  #question = 0;

  constructor(draft: Draft, fields: readonly string[]) {
    this.#draft = draft;
    this.#fields = fields;
  }

  /** What the other side says of one field. */
  errorOf(field: string): string | null {
    return this.#refused?.field === field ? this.#refused.text : null;
  }

  test(): Promise<void> {
    return this.#attempt('test', async () => {
      this.tested = null;
      const asked = ++this.#question;
      const answer = await ask(api.POST('/api/v1/sources/test', { body: this.#draft.input }));
      // An answer about what has been changed since would be no proof.
      if (asked === this.#question) this.tested = answer;
    });
  }

  async save(saved: (source: Source) => void): Promise<void> {
    await this.#attempt('save', async () => {
      const { id, input: body } = this.#draft;
      saved(
        id
          ? await ask(api.PUT('/api/v1/sources/{id}', { params: { path: { id } }, body }))
          : await ask(api.POST('/api/v1/sources', { body })),
      );
    });
  }

  /** What was tested is no proof for what has been changed since. */
  changed(): void {
    this.#question += 1;
    this.tested = null;
  }

  async #attempt(what: 'test' | 'save', work: () => Promise<void>): Promise<void> {
    this.tried = true;
    this.failure = null;
    this.#refused = null;
    if (!this.#draft.valid) return;
    this.busy = what;
    try {
      await work();
    } catch (error) {
      const field = error instanceof ApiError ? error.field : null;
      if (field !== null && this.#fields.includes(field)) this.#refused = { field, text: errorText(error) };
      else this.failure = errorText(error);
    } finally {
      this.busy = null;
    }
  }
}
