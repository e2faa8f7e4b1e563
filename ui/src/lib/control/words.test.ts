import { readFileSync } from 'node:fs';

import { afterEach, describe, expect, it } from 'vitest';

import { ApiError } from '$lib/api/client';
import { modeWords } from '$lib/charge-points/words';
import { language } from '$lib/language/language.svelte';
import { errorText } from '$lib/problems/problems';

import type { Command } from './command';
import { COMMAND_OUTCOMES, COMMAND_REFUSALS, commandWords, modeHint, outcomeWords, refusalWords } from './words';

interface Schema {
  enum?: string[];
  oneOf?: { properties?: { kind?: { enum?: string[] } } }[];
}
interface Document {
  paths: Record<string, { post?: { responses: Record<string, unknown> } }>;
  components: { schemas: Record<string, Schema> };
}
const { schemas } = (JSON.parse(readFileSync('../crates/server/openapi.json', 'utf8')) as Document).components;

const COMMANDS: Command[] = [
  { kind: 'mode', mode: 'pv' },
  { kind: 'current', current_a: 16 },
  { kind: 'limit', limit: { kind: 'energy', energy_wh: 10_000 } },
  { kind: 'min_current', current_a: 0 },
  { kind: 'min_soc', soc_percent: 0 },
  { kind: 'max_price', eur_per_kwh: 0.284 },
  { kind: 'locked', locked: true },
  { kind: 'vehicle', vehicle_id: 'vehicle/1' },
  { kind: 'priority', priority: false },
  { kind: 'vehicle_soc', soc_percent: 55 },
  { kind: 'query_soc' },
  { kind: 'reset_energy' },
  { kind: 'failsafe_current', current_a: 6 },
  { kind: 'watchdog', seconds: 15 },
];

/** What a command can come back with instead of a confirmation. */
const FAILURES = [
  'unknown_charge_point',
  'charge_point_offline',
  'command_not_possible',
  'card_decides',
  'command_not_allowed',
  'too_many_commands',
  'connection_lost',
  'not_confirmed',
  'box_refused',
  'invalid_value',
] as const;

function inBoth(words: () => string): [de: string, en: string] {
  language.choice = 'de';
  const de = words();
  language.choice = 'en';
  return [de, words()];
}

afterEach(() => {
  language.choice = 'system';
});

describe('words', () => {
  it('are there for every command, outcome and refusal that the server knows', () => {
    const kinds = schemas.Command?.oneOf?.flatMap((one) => one.properties?.kind?.enum ?? []) ?? [];
    expect(COMMANDS.map((command) => command.kind).sort()).toEqual(kinds.sort());
    expect([...COMMAND_OUTCOMES].sort()).toEqual(schemas.CommandOutcome?.enum?.sort());
    expect([...COMMAND_REFUSALS].sort()).toEqual(schemas.CommandRefusal?.enum?.sort());
    for (const code of FAILURES) expect(schemas.ErrorCode?.enum).toContain(code);
  });

  it('are different in the two languages', () => {
    for (const command of COMMANDS) {
      const [de, en] = inBoth(() => commandWords(command));
      expect(de, command.kind).not.toBe(en);
    }
    for (const outcome of COMMAND_OUTCOMES) {
      const [de, en] = inBoth(() => outcomeWords(outcome));
      expect(de, outcome).not.toBe(en);
    }
    for (const refusal of COMMAND_REFUSALS) {
      const [de, en] = inBoth(() => refusalWords(refusal));
      expect(de, refusal).not.toBe(en);
      expect(de).toMatch(/\.$/);
    }
  });

  it('say of every failure what happened, and never with the server’s English sentence in German', () => {
    for (const code of FAILURES) {
      const [de, en] = inBoth(() => errorText(new ApiError({ code, detail: 'The box said no.' }, 409)));
      expect(de, code).not.toBe(en);
      for (const text of [de, en]) {
        expect(text, code).not.toContain('The box said no.');
        expect(text, code).not.toContain(code);
      }
    }
  });

  it('name values as people say them', () => {
    language.choice = 'de';
    const words = (command: Command) => commandWords(command).replaceAll('\u202f', ' ');
    expect(words({ kind: 'max_price', eur_per_kwh: 0.284 })).toBe('Höchstpreis 28,4 ct/kWh');
    expect(words({ kind: 'limit', limit: { kind: 'none' } })).toBe('Ladegrenze: Keine');
    expect(words({ kind: 'min_current', current_a: 0 })).toBe('Mindeststrom: nur Überschuss');
    expect(
      commandWords({ kind: 'vehicle', vehicle_id: 'vehicle/1' }, [{ name: 'ID.7', external_id: 'vehicle/1' }]),
    ).toBe('Fahrzeug ID.7');
  });

  it('of the box stand for a mode that this version does not know', () => {
    expect(modeWords('turbo')).toBe('turbo');
    expect(modeHint('turbo')).toBe(modeHint('another'));
    expect(modeHint('turbo')).not.toBe(modeHint('pv'));
  });
});
