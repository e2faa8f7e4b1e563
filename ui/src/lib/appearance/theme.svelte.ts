import { MediaQuery } from 'svelte/reactivity';

import { host } from '$lib/host';

export type ThemeChoice = 'system' | 'light' | 'dark';

/** Light or dark; static/theme.js makes the same decision once before the first paint. */
class Theme {
  choice = $state<ThemeChoice>('system');
  readonly #systemDark = new MediaQuery('(prefers-color-scheme: dark)');
  readonly dark = $derived(this.choice === 'dark' || (this.choice === 'system' && this.#systemDark.current));

  async load(): Promise<void> {
    const stored = await (await host()).preferences.get('theme');
    if (stored === 'light' || stored === 'dark') this.choice = stored;
  }

  async choose(choice: ThemeChoice): Promise<void> {
    this.choice = choice;
    await (await host()).preferences.set('theme', choice);
  }
}

export const theme = new Theme();
