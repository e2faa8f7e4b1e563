import { Channel, invoke } from '@tauri-apps/api/core';
import { load, type Store } from '@tauri-apps/plugin-store';

import { m } from '$lib/paraglide/messages';

import { readStored, writeStored } from './stored';
import type { Host, LiveListener, Stop } from './types';

interface DoorRequest {
  method: string;
  path: string;
  headers: [string, string][];
  body: number[] | null;
}

/** What an answer begins with: one line of JSON. The body follows as it is. */
interface DoorHead {
  status: number;
  headers: [string, string][];
}

async function throughTheDoor(request: Request): Promise<Response> {
  const url = new URL(request.url);
  const body = new Uint8Array(await request.arrayBuffer());
  const door: DoorRequest = {
    method: request.method,
    path: url.pathname + url.search,
    headers: [...request.headers],
    body: body.length > 0 ? Array.from(body) : null,
  };
  const answer = new Uint8Array(await invoke<ArrayBuffer>('api', { request: door }));
  const lineEnd = answer.indexOf(0x0a);
  const head = JSON.parse(new TextDecoder().decode(answer.subarray(0, lineEnd))) as DoorHead;
  // The Fetch standard forbids a body for these, even an empty one.
  const bare = head.status === 204 || head.status === 205 || head.status === 304;
  return new Response(bare ? null : answer.subarray(lineEnd + 1), head);
}

function live(listener: LiveListener): Stop {
  let stopped = false;
  const channel = new Channel<string>();
  channel.onmessage = (text) => {
    if (stopped) return;
    // The other side ends with an empty text: it has stopped or could not start.
    if (text === '') listener.connection('closed');
    else listener.message(text);
  };
  listener.connection('connecting');
  const started = invoke<number>('live', { channel }).then(
    (id) => {
      if (!stopped) listener.connection('open');
      return id;
    },
    () => {
      if (!stopped) listener.connection('closed');
      return null;
    },
  );
  return () => {
    stopped = true;
    void started.then((id) => (id === null ? undefined : invoke('stop_live', { id })));
  };
}

async function saveFile(name: string, contents: Blob): Promise<boolean> {
  const bytes = new Uint8Array(await contents.arrayBuffer());
  return (await invoke<boolean | null>('save_file', { name, contents: Array.from(bytes) })) ?? true;
}

const signInWithElli = (url: string) => invoke<string | null>('elli_sign_in', { url, title: m.elli_sign_in() });

let store: Promise<Store> | undefined;
const preferences = () => (store ??= load('preferences.json'));

export const windowHost: Host = {
  kind: 'window',
  fetch: throughTheDoor,
  live,
  saveFile,
  signInWithElli,
  preferences: {
    async get(key) {
      return (await (await preferences()).get<string>(key)) ?? readStored(key);
    },
    async set(key, value) {
      // The theme is needed before the first paint, when the store cannot be asked yet.
      writeStored(key, value);
      const file = await preferences();
      await file.set(key, value);
      await file.save();
    },
  },
};
