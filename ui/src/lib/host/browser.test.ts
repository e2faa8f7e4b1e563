import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { browserHost } from './browser';
import type { Connection, Stop } from './types';

class FakeSocket {
  static all: FakeSocket[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  closed = false;

  constructor(readonly url: URL) {
    FakeSocket.all.push(this);
  }

  close() {
    this.closed = true;
  }
}

const last = () => FakeSocket.all.at(-1) as FakeSocket;

let hidden = false;
function show(visible: boolean) {
  hidden = !visible;
  document.dispatchEvent(new Event('visibilitychange'));
}

let states: Connection[];
let texts: string[];
let stop: Stop;

beforeEach(() => {
  FakeSocket.all = [];
  hidden = false;
  states = [];
  texts = [];
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeSocket);
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  vi.spyOn(document, 'hidden', 'get').mockImplementation(() => hidden);
  stop = browserHost.live({ message: (text) => texts.push(text), connection: (state) => states.push(state) });
});

afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('the live view in a browser', () => {
  it('listens to the WebSocket of its own address', () => {
    expect(last().url.pathname).toBe('/api/v1/live/ws');
    expect(last().url.protocol).toBe('ws:');
    last().onopen?.();
    last().onmessage?.({ data: '{}' });
    expect(states).toEqual(['connecting', 'open']);
    expect(texts).toEqual(['{}']);
  });

  it('takes a long silence for a dead connection', () => {
    last().onopen?.();
    vi.advanceTimersByTime(24_000);
    last().onmessage?.({ data: '{}' });
    vi.advanceTimersByTime(24_999);
    expect(FakeSocket.all).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(FakeSocket.all).toHaveLength(2);
    expect(FakeSocket.all[0]?.closed).toBe(true);
    expect(states).toEqual(['connecting', 'open', 'closed', 'connecting']);
  });

  it('waits longer after every failure, up to ten seconds', () => {
    const waits = [500, 1000, 2000, 4000, 8000, 10_000, 10_000];
    for (const [index, wait] of waits.entries()) {
      last().onclose?.();
      vi.advanceTimersByTime(wait - 1);
      expect(FakeSocket.all, `before ${wait} ms`).toHaveLength(index + 1);
      vi.advanceTimersByTime(1);
      expect(FakeSocket.all, `after ${wait} ms`).toHaveLength(index + 2);
    }
  });

  it('begins with short waits again once it was connected', () => {
    last().onclose?.();
    vi.advanceTimersByTime(500);
    last().onclose?.();
    vi.advanceTimersByTime(1000);
    last().onopen?.();
    last().onclose?.();
    vi.advanceTimersByTime(500);
    expect(FakeSocket.all).toHaveLength(4);
  });

  it('tries at once when the network is back or the page is shown again', () => {
    last().onclose?.();
    window.dispatchEvent(new Event('online'));
    expect(FakeSocket.all).toHaveLength(2);
    last().onopen?.();
    show(false);
    expect(last().closed).toBe(true);
    show(true);
    expect(FakeSocket.all).toHaveLength(3);
  });

  it('does not call a hidden page offline', () => {
    last().onopen?.();
    show(false);
    last().onclose?.();
    expect(states).toEqual(['connecting', 'open']);
  });

  it('ends for good when stopped', () => {
    last().onclose?.();
    stop();
    vi.advanceTimersByTime(60_000);
    window.dispatchEvent(new Event('online'));
    show(true);
    expect(FakeSocket.all).toHaveLength(1);
  });
});
