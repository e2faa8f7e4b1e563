import { readStored, writeStored } from './stored';
import type { Host, LiveListener, Stop } from './types';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
/** The server says something every 10 s; a connection that is silent for longer is dead. */
const LONGEST_SILENCE_MS = 25_000;

function live(listener: LiveListener): Stop {
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let watchdog: ReturnType<typeof setTimeout> | undefined;
  let wait = FIRST_WAIT_MS;
  let stopped = false;

  function drop() {
    clearTimeout(timer);
    clearTimeout(watchdog);
    const old = socket;
    socket = null;
    old?.close();
  }

  function connect() {
    drop();
    if (stopped || document.hidden) return;
    listener.connection('connecting');
    const url = new URL('/api/v1/live/ws', location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const opened = new WebSocket(url);
    socket = opened;
    opened.onopen = () => {
      if (socket !== opened) return;
      wait = FIRST_WAIT_MS;
      listener.connection('open');
      awaitMessage();
    };
    opened.onmessage = (event: MessageEvent<unknown>) => {
      if (socket !== opened || typeof event.data !== 'string') return;
      awaitMessage();
      listener.message(event.data);
    };
    const awaitMessage = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => {
        listener.connection('closed');
        connect();
      }, LONGEST_SILENCE_MS);
    };
    opened.onclose = () => {
      if (socket !== opened) return;
      socket = null;
      clearTimeout(watchdog);
      listener.connection('closed');
      // Several tabs must not knock at the same instant after a restart of the server.
      timer = setTimeout(connect, wait * (0.75 + Math.random() / 2));
      wait = Math.min(wait * 2, LONGEST_WAIT_MS);
    };
  }

  function now() {
    if (document.hidden) {
      // A hidden page needs no live view; coming back starts with a fresh snapshot.
      drop();
    } else if (socket === null) {
      wait = FIRST_WAIT_MS;
      // What the page still shows is as old as its absence.
      listener.connection('closed');
      connect();
    }
  }

  document.addEventListener('visibilitychange', now);
  window.addEventListener('online', now);
  connect();
  return () => {
    stopped = true;
    document.removeEventListener('visibilitychange', now);
    window.removeEventListener('online', now);
    drop();
  };
}

function saveFile(name: string, contents: Blob): Promise<boolean> {
  const url = URL.createObjectURL(contents);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has taken its own reference by the next turn of the event loop.
  setTimeout(() => URL.revokeObjectURL(url));
  return Promise.resolve(true);
}

export const browserHost: Host = {
  kind: 'browser',
  fetch: (request) => fetch(request),
  live,
  saveFile,
  preferences: {
    get: (key) => Promise.resolve(readStored(key)),
    set: (key, value) => Promise.resolve(writeStored(key, value)),
  },
};
