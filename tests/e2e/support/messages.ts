import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { ROOT } from './program.mjs';

export type Language = 'de' | 'en';
type Values = Record<string, string | number>;

function read(language: Language): ReadonlyMap<string, string> {
  const file = resolve(ROOT, 'ui/messages', `${language}.json`);
  const { $schema: _, ...messages } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  return new Map(Object.entries(messages));
}

const texts: Record<Language, ReadonlyMap<string, string>> = { de: read('de'), en: read('en') };

/** The UI's own texts, so that a spec reads the same in both languages. */
export class Messages {
  constructor(readonly language: Language) {}

  #raw(key: string): string {
    const text = texts[this.language].get(key);
    if (text === undefined) throw new Error(`ui/messages/${this.language}.json has no ${key}`);
    return text;
  }

  /** The text of `key` with its values filled in. */
  text(key: string, values: Values = {}): string {
    return this.#raw(key).replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`${key} wants a value for ${name}`);
      return String(value);
    });
  }

  /** Matches the text of `key` with anything where no value is given. */
  like(key: string, values: Values = {}): RegExp {
    const escaped = this.#raw(key).replace(/[.*+?^$()|[\]\\]/g, '\\$&');
    return new RegExp(
      escaped.replace(/\{(\w+)\}/g, (_, name: string) => (name in values ? String(values[name]) : '.+')),
    );
  }
}

const wordsIn = (language: Language): Set<string> =>
  new Set([...texts[language].values()].flatMap((text) => text.toLowerCase().match(/\p{L}{3,}/gu) ?? []));

/** Words that the UI uses in one language and never in the other. */
export function wordsOnlyIn(language: Language): Set<string> {
  const other = wordsIn(language === 'de' ? 'en' : 'de');
  return new Set([...wordsIn(language)].filter((word) => !other.has(word)));
}
