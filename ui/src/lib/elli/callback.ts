/** Blanks and quotes end an address; browsers put it into a sentence. */
const END = /[\s'"`’”<>]/;

/**
 * The address in what somebody copied from the developer tools: alone, in quotes, or in a browser's sentence about it.
 * What holds no such address is left as it is; the other side says what is wrong with it.
 */
export function callbackIn(text: string, redirectUri: string): string {
  const from = text.toLowerCase().indexOf(redirectUri.toLowerCase());
  if (from < 0) return text.trim();
  const rest = text.slice(from);
  const end = rest.search(END);
  return end < 0 ? rest : rest.slice(0, end);
}
