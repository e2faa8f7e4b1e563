/** Where to go after signing in: only ever a page of our own. */
export function nextPage(wanted: string | null): string {
  if (!wanted?.startsWith('/') || wanted.startsWith('//') || wanted.includes('\\')) return '/';
  return wanted.startsWith('/sign-in') ? '/' : wanted;
}

/** The one-time code of a sign-in link; it travels in the fragment, which no server logs. */
export const codeIn = (fragment: string): string | null => new URLSearchParams(fragment.replace(/^#/, '')).get('code');
