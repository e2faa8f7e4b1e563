import createClient, { type Middleware } from 'openapi-fetch';

import { host } from '$lib/host';

import type { paths } from './schema';
import type { ErrorCode, ProblemDetails } from './types';

/** The codes of errors that do not come from the API: no answer at all, and one that is none of its own. */
export const UNREACHABLE = 'unreachable';
export const UNEXPECTED = 'unexpected';

/** A request that did not do what it was asked; `code` is stable, `detail` is an English sentence. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ErrorCode | typeof UNREACHABLE | typeof UNEXPECTED;
  readonly status: number;
  readonly field: string | null;

  constructor(problem: Partial<Omit<ProblemDetails, 'code'>> & { code?: ApiError['code'] }, status: number) {
    super(problem.detail ?? problem.title ?? `HTTP ${status}`);
    this.code = problem.code ?? UNEXPECTED;
    this.status = status;
    this.field = problem.field ?? null;
  }
}

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
