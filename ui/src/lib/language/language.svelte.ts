import { overwriteGetLocale } from '$lib/paraglide/runtime';
import { host } from '$lib/host';

export type Language = 'de' | 'en';
export type LanguageChoice = Language | 'system';

const isLanguage = (text: string | null): text is Language => text === 'de' || text === 'en';

function ofSystem(): Language {
  const wanted = globalThis.navigator?.languages ?? [];
  const first = wanted.map((tag) => tag.slice(0, 2).toLowerCase()).find(isLanguage);
  return first ?? 'en';
}

/** The language of every text, number and date; a change shows at once, without a reload. */
class CurrentLanguage {
  choice = $state<LanguageChoice>('system');
  readonly current = $derived<Language>(this.choice === 'system' ? ofSystem() : this.choice);
  /** British English: the households are European, so are dates and clock times. */
  readonly locale = $derived(this.current === 'de' ? 'de-DE' : 'en-GB');

  async load(): Promise<void> {
    const stored = await (await host()).preferences.get('language');
    if (isLanguage(stored)) this.choice = stored;
  }

  async choose(choice: LanguageChoice): Promise<void> {
    this.choice = choice;
    await (await host()).preferences.set('language', choice);
  }
}

export const language = new CurrentLanguage();

// Messages ask for the locale on every call, so texts in templates follow `language` on their own.
overwriteGetLocale(() => language.current);
