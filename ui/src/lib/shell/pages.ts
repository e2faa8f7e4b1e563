import { m } from '$lib/paraglide/messages';

interface Page {
  id: 'live' | 'history' | 'settings';
  /** Everything below this address belongs to the page. */
  href: string;
  /** Where a click leads. */
  start: string;
  name: () => string;
}

/** The pages in the order of the navigation; the number keys follow it. */
export const PAGES: readonly Page[] = [
  { id: 'live', href: '/', start: '/', name: m.nav_live },
  { id: 'history', href: '/history', start: '/history', name: m.nav_history },
  { id: 'settings', href: '/settings', start: '/settings/connections', name: m.nav_settings },
];
