import { SvelteMap } from 'svelte/reactivity';

import { api, ask } from '$lib/api/client';
import { live } from '$lib/live/store.svelte';

import type { Asked, Command, CommandKind, CommandOf } from './command';

/** How long a confirmation stays before it fades: it is good news, and the value itself says it too. */
export const FADE_MS = 4000;

/** How far a command has come. A failure stays until somebody has seen it. */
export type Progress =
  | { step: 'sending'; asked: Asked }
  /** `seen` is what the live view held at that moment: it may be a moment behind the answer. */
  | { step: 'confirmed'; asked: Asked; seen: unknown }
  | { step: 'failed'; asked: Asked; error: unknown };

type Send = (asked: Asked) => Promise<unknown>;
/** The charge point as the live view holds it: a new object with every change. */
type Look = () => unknown;

/** The commands to one charge point and what has become of them, one of each kind. */
export class Control {
  readonly #progress = new SvelteMap<CommandKind, Progress>();
  readonly #send: Send;
  readonly #look: Look;
  /** How many commands have ended: so often had the journal news. */
  ended = $state(0);
  /** Where changes would hold for good: whether they are to be put back when the vehicle is unplugged. */
  thisChargeOnly = $state(true);

  constructor(send: Send, look: Look) {
    this.#send = send;
    this.#look = look;
  }

  progress(kind: CommandKind): Progress | null {
    return this.#progress.get(kind) ?? null;
  }

  /** The command of this kind that is under way. */
  wish<K extends CommandKind>(kind: K): CommandOf<K> | null {
    const found = this.#progress.get(kind);
    return found?.step === 'sending' ? (found.asked.command as CommandOf<K>) : null;
  }

  /**
   * What the box reports. An answer says that it reports what was asked for; until the live view has
   * heard of it too, that is the newer news.
   */
  reported<K extends CommandKind, T>(kind: K, told: T, asked: (command: CommandOf<K>) => T): T {
    const found = this.#progress.get(kind);
    if (found?.step !== 'confirmed' || found.seen !== this.#look()) return told;
    return asked(found.asked.command as CommandOf<K>);
  }

  async send(command: Command, untilUnplug = false): Promise<void> {
    const asked = { command, untilUnplug };
    const { kind } = command;
    this.#progress.set(kind, { step: 'sending', asked });
    let outcome: Progress;
    try {
      await this.#send(asked);
      outcome = { step: 'confirmed', asked, seen: this.#look() };
    } catch (error) {
      outcome = { step: 'failed', asked, error };
    }
    this.ended += 1;
    // A later wish of the same kind has taken its place.
    if (this.#progress.get(kind)?.asked !== asked) return;
    this.#progress.set(kind, outcome);
    if (outcome.step === 'confirmed') setTimeout(() => this.#forget(kind, outcome), FADE_MS);
  }

  /** Sends a command that failed once more. */
  again(kind: CommandKind): void {
    const found = this.#progress.get(kind);
    if (found?.step === 'failed') void this.send(found.asked.command, found.asked.untilUnplug);
  }

  /** Puts a failure away. */
  dismiss(kind: CommandKind): void {
    if (this.#progress.get(kind)?.step === 'failed') this.#progress.delete(kind);
  }

  #forget(kind: CommandKind, outcome: Progress): void {
    if (this.#progress.get(kind) === outcome) this.#progress.delete(kind);
  }
}

const controls = new Map<string, Control>();

/** The control of a charge point: the same on every page, so that an outcome is not lost on the way. */
export function controlOf(id: string): Control {
  let found = controls.get(id);
  if (!found) {
    const send = ({ command, untilUnplug }: Asked) =>
      ask(
        api.POST('/api/v1/charge-points/{id}/commands', {
          params: { path: { id } },
          body: { command, until_unplug: untilUnplug },
        }),
      );
    found = new Control(send, () => live.devices.get(id));
    controls.set(id, found);
  }
  return found;
}
