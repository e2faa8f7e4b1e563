import { page } from '$app/state';
import { api, ask } from '$lib/api/client';
import { duration } from '$lib/format/time';
import { clock } from '$lib/live/clock.svelte';
import { live } from '$lib/live/store.svelte';
import { m } from '$lib/paraglide/messages';
import { noticeText, problemText, recorderText } from '$lib/problems/problems';

import { serverStatus } from './status.svelte';

export interface BannerContent {
  kind: 'connecting' | 'offline' | 'problem' | 'demo';
  text: () => string;
  action?: { label: () => string; href?: string; run?: () => void };
  dismiss?: () => void;
}

/** A short break is no news: the connection usually is back before anybody has read about it. */
const PATIENCE_MS = 2000;

const since = (at: number | null) => (at === null ? 0 : clock.now - at);

/** True while what the page shows must not be taken for the present. */
export const isCutOff = (): boolean => since(live.closedAt) > PATIENCE_MS;

const checkConnection = { label: m.banner_check, href: '/settings/connections' };

function ofConnection(): BannerContent | null {
  const failure = serverStatus.startFailure;
  if (failure) return { kind: 'offline', text: () => m.banner_start_failed({ detail: failure }) };
  if (isCutOff()) {
    const text = () =>
      live.ready ? m.banner_offline({ duration: duration(since(live.closedAt)) }) : m.error_unreachable();
    return { kind: 'offline', text };
  }
  return live.ready ? null : { kind: 'connecting', text: m.banner_connecting };
}

function ofRecorder(): BannerContent | null {
  const problem = serverStatus.recorderProblem;
  if (problem) {
    return {
      kind: 'problem',
      text: () => m.banner_recorder_blocked({ detail: recorderText(problem) }),
      action: { label: m.banner_more, href: '/settings/recording' },
    };
  }
  const notice = serverStatus.notice;
  if (!notice) return null;
  return {
    kind: 'problem',
    text: () => noticeText(notice),
    action: { label: m.banner_more, href: '/settings/about' },
    dismiss: () => serverStatus.dismiss(notice),
  };
}

function ofSources(): BannerContent | null {
  // That page says it itself, with more detail.
  if (page.url.pathname === checkConnection.href) return null;
  // So does an account's own page; and whoever signed out knows it.
  const saysItself = (id: string) => page.url.pathname === `${checkConnection.href}/${id}/elli`;
  const broken = live.sources.find(
    ({ id, state, problem }) =>
      state === 'offline' && problem !== null && problem.code !== 'signed_out' && !saysItself(id),
  );
  if (broken?.problem) {
    const { name, problem, kind } = broken;
    const text = () => m.banner_source({ name, problem: problemText(problem, kind) });
    return { kind: 'problem', text, action: checkConnection };
  }
  const stale = live.sources.find((source) => source.state === 'stale');
  if (!stale) return null;
  const text = () =>
    m.banner_source_stale({ name: stale.name, duration: duration(live.age(stale.last_heard_at ?? stale.since)) });
  return { kind: 'problem', text, action: checkConnection };
}

/** Leaves the demo; the live view then starts over with the real household. */
const leaveDemo = () => void ask(api.POST('/api/v1/demo', { body: { enabled: false } })).catch(() => undefined);

/** The one banner of the page: the most serious matter first. */
export function currentBanner(): { readonly shown: BannerContent | null } {
  const shown = $derived.by((): BannerContent | null => {
    const demo: BannerContent | null = live.demo
      ? { kind: 'demo', text: m.banner_demo, action: { label: m.banner_demo_leave, run: leaveDemo } }
      : null;
    return ofConnection() ?? ofRecorder() ?? ofSources() ?? demo;
  });
  return {
    get shown() {
      return shown;
    },
  };
}
