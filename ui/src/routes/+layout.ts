import { theme } from '$lib/appearance/theme.svelte';
import { language } from '$lib/language/language.svelte';

// Nothing is rendered before the page is in its host: there is no server side.
export const ssr = false;
export const prerender = false;

export const load = async (): Promise<void> => {
  await Promise.all([language.load(), theme.load()]);
};
