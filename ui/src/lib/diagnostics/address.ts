/** What the diagnostics page shows, as its address says it. */
export interface DiagnosticsAddress {
  /** Id of the source; null for the first. */
  source: string | null;
  search: string;
  notUnderstood: boolean;
}

export const readAddress = (query: URLSearchParams): DiagnosticsAddress => ({
  source: query.get('source'),
  search: query.get('q') ?? '',
  notUnderstood: query.get('only') === 'not_understood',
});

/** The shortest query that reads back as the same address. */
export function writeAddress({ source, search, notUnderstood }: DiagnosticsAddress): string {
  const query = new URLSearchParams();
  if (source !== null) query.set('source', source);
  if (search !== '') query.set('q', search);
  if (notUnderstood) query.set('only', 'not_understood');
  // Slashes are plain characters in a query, and topics are full of them.
  return query.toString().replaceAll('%2F', '/');
}
