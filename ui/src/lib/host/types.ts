/** What the device remembers for its user; small strings only. */
export type PreferenceKey = 'theme' | 'language' | 'welcome' | 'close_to_tray';

export type Connection = 'connecting' | 'open' | 'closed';

export interface LiveListener {
  /** One JSON-encoded `LiveMessage`. */
  message(text: string): void;
  connection(state: Connection): void;
}

export type Stop = () => void;

/**
 * The one port between the pages and whatever carries them: a browser tab or the app window.
 * Everything a page needs from outside itself goes through here.
 */
export interface Host {
  readonly kind: 'browser' | 'window';
  /** Answers a request to the API; the request's address is always the page's own origin. */
  fetch(request: Request): Promise<Response>;
  /** Delivers the live view until stopped and reconnects on its own. */
  live(listener: LiveListener): Stop;
  /** Hands a finished file to the person. Resolves to false if they changed their mind. */
  saveFile(name: string, contents: Blob): Promise<boolean>;
  /**
   * Shows Elli's sign-in page in a window of its own. Resolves to the address at which the sign-in
   * ends, or to null when the window was closed before. A second call closes the window of the first.
   * Rejects where there can be no such window. Only an app can catch that address; a browser has none
   * of this.
   */
  signInWithElli?(url: string): Promise<string | null>;
  readonly preferences: {
    get(key: PreferenceKey): Promise<string | null>;
    set(key: PreferenceKey, value: string): Promise<void>;
  };
}
