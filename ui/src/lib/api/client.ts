import createClient, { type Middleware } from 'openapi-fetch';

import { host } from '$lib/host';

import type { paths } from './schema';
import type { ProblemDetails } from './types';

/** A request that did not do what it was asked; `code` is stable, `detail` is an English sentence. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  readonly status: number;
  readonly field: string | null;

  constructor(problem: Partial<ProblemDetails>, status: number) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.code = problem.code ?? 'unexpected_answer';
    this.status = status;
    this.field = problem.field ?? null;
  }
}

/** The code of an error for which no answer came at all. */
export const UNREACHABLE = 'unreachable';

type SignedOut = () => void;
let signedOut: SignedOut = () => undefined;

/** Calls back whenever the API wants to know who is asking. */
export function onSignedOut(callback: SignedOut): void {
  signedOut = callback;
}

const notice401: Middleware = {
  onResponse({ response, schemaPath }) {
    if (response.status === 401 && schemaPath !== '/api/v1/sign-in') signedOut();
  },
};

/** The host's fetch; a failure to reach the other side becomes an `ApiError`. */
export async function hostFetch(request: Request): Promise<Response> {
  try {
    return await (await host()).fetch(request);
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    throw new ApiError({ code: UNREACHABLE, detail: String(cause) }, 0);
  }
}

export const api = createClient<paths>({ baseUrl: globalThis.location?.origin ?? '', fetch: hostFetch });
api.use(notice401);

/** Unwraps an answer: its data, or an `ApiError` thrown. */
export async function ask<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>) {
  const { data, error, response } = await answer;
  if (!response.ok) {
    throw new ApiError(typeof error === 'object' && error !== null ? error : {}, response.status);
  }
  return data as Exclude<T, undefined>;
}
