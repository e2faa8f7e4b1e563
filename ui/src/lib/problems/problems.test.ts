import { readFileSync } from 'node:fs';

import { afterEach, describe, expect, it } from 'vitest';

import { ApiError } from '$lib/api/client';
import type { ErrorCode } from '$lib/api/types';
import { SYNC_TROUBLES } from '$lib/elli/words';
import { GAP_CAUSES, causeWords } from '$lib/history/words';
import { language } from '$lib/language/language.svelte';

import {
  errorText,
  fingerprintText,
  isAboutRights,
  PROBLEM_CODES,
  problemText,
  problemTextFor,
  rolesIn,
} from './problems';

const messages = (name: string) => JSON.parse(readFileSync(`messages/${name}.json`, 'utf8')) as Record<string, string>;
const german = messages('de');
const english = messages('en');

/** The codes that the server's document names for a schema. */
function documented(schema: string): string[] {
  const text = readFileSync('../crates/server/openapi.json', 'utf8');
  const document = JSON.parse(text) as { components: { schemas: Record<string, { enum?: string[] }> } };
  return document.components.schemas[schema]?.enum ?? [];
}

afterEach(() => {
  language.choice = 'system';
});

describe('every code that a source can report', () => {
  it('is known here', () => {
    expect([...PROBLEM_CODES].sort()).toEqual(documented('SourceProblemCode').sort());
    expect([...GAP_CAUSES].sort()).toEqual(documented('GapCause').sort());
    expect([...SYNC_TROUBLES].sort()).toEqual(documented('ElliSyncTrouble').sort());
  });

  it.each(PROBLEM_CODES)('%s has a sentence of its own in both languages', (code) => {
    const problem = { code, detail: 'detail', fingerprint: null };
    language.choice = 'de';
    const de = problemText(problem);
    language.choice = 'en';
    const en = problemText(problem);
    expect(de).not.toBe(en);
    for (const text of [de, en]) {
      expect(text.length).toBeGreaterThan(30);
      expect(text).not.toContain('detail');
      expect(text).toMatch(/\.$/);
    }
  });

  it('names each cause of a gap in both languages', () => {
    for (const cause of GAP_CAUSES) {
      language.choice = 'de';
      const de = causeWords(cause);
      language.choice = 'en';
      expect(causeWords(cause)).not.toBe(de);
    }
  });
});

describe('the texts', () => {
  it('are the same set in both languages', () => {
    expect(Object.keys(german).sort()).toEqual(Object.keys(english).sort());
  });

  it('use the same placeholders in both languages', () => {
    const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
    for (const [key, text] of Object.entries(english)) {
      expect(placeholders(german[key] ?? ''), key).toEqual(placeholders(text));
    }
  });

  it('are all used', () => {
    const sources = import.meta.glob<string>('/src/{lib,routes}/**/*.{svelte,ts}', {
      query: '?raw',
      import: 'default',
      eager: true,
    });
    const code = Object.entries(sources)
      .filter(([path]) => !path.includes('/paraglide/'))
      .map(([, text]) => text)
      .join('\n');
    const used = new Set([...code.matchAll(/\bm\.(\w+)/g)].map((match) => match[1]));
    expect(Object.keys(english).filter((key) => !key.startsWith('$') && !used.has(key))).toEqual([]);
  });

  it('keep a calm voice: no exclamation marks, no du', () => {
    for (const [key, text] of [...Object.entries(german), ...Object.entries(english)]) {
      expect(text, key).not.toContain('!');
    }
    for (const [key, text] of Object.entries(german)) {
      expect(text, key).not.toMatch(/\b(du|dein\w*|dir|dich)\b/i);
    }
  });
});

describe('trouble with rights', () => {
  const problem = (code: 'login_needed' | 'rights_missing' | 'timeout', detail = '') => ({
    code,
    detail,
    fingerprint: null,
  });

  it('is told apart from the rest, and names the roles that are missing', () => {
    expect(isAboutRights(problem('login_needed'))).toBe(true);
    expect(isAboutRights(problem('timeout'))).toBe(false);
    const missing = problem('rights_missing', 'Give it chargepoint-3-access, chargepoint-12-access.');
    expect(isAboutRights(missing)).toBe(true);
    expect(rolesIn(missing)).toEqual(['chargepoint-3-access', 'chargepoint-12-access']);
    expect(rolesIn(problem('login_needed'))).toEqual([]);
  });

  it('does not ask those to sign in who are', () => {
    language.choice = 'en';
    expect(problemTextFor(problem('login_needed'), false)).toBe(english.problem_login_needed);
    expect(problemTextFor(problem('login_needed'), true)).toBe(english.rights_missing);
    expect(problemTextFor(problem('rights_missing'), true)).toBe(english.problem_rights_missing);
  });
});

it('never shows the server’s English sentence in a German page', () => {
  language.choice = 'de';
  const text = errorText(new ApiError({ code: 'disk_full', detail: 'The disk is full.' }, 507));
  expect(text).toBe(german.error_disk_full);
  expect(errorText(new ApiError({ code: 'internal', detail: 'Something broke.' }, 500))).not.toContain('broke');
});

it('says of everything that Elli can refuse what to do, in both languages', () => {
  const codes = documented('ErrorCode').filter((code) => code.startsWith('elli_')) as ErrorCode[];
  expect(codes.length).toBeGreaterThan(5);
  for (const code of codes) {
    const error = new ApiError({ code, detail: 'detail' }, 409);
    language.choice = 'de';
    const de = errorText(error);
    language.choice = 'en';
    const en = errorText(error);
    expect(de, code).not.toBe(en);
    for (const text of [de, en]) expect(text, code).not.toContain(code);
  }
});

it('tells trouble with a Charger 2 otherwise than the same with an openWB', () => {
  for (const code of ['connection_refused', 'host_not_found', 'timeout'] as const) {
    const problem = { code, detail: 'detail', fingerprint: null };
    expect(problemText(problem, 'charger2'), code).not.toBe(problemText(problem, 'openwb'));
    expect(problemText(problem, 'charger2'), code).not.toContain('openWB');
  }
});

it('prints a fingerprint in pairs, as boxes and browsers do', () => {
  expect(fingerprintText('a3f19c')).toBe('A3 F1 9C');
  expect(fingerprintText('a3:f1:9c')).toBe('A3 F1 9C');
});
