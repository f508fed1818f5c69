import { strict as assert } from 'node:assert';
import type { AdmissionCase, AnyObject } from './rows';
import type { Api } from '../../cluster/api';

/** What a policy said. */
export interface Saying { readonly name: string; readonly message: string }

/** What became of the request of a row. */
export interface Verdict {
  readonly refusals: readonly Saying[];
  readonly warnings: readonly Saying[];
  /** Why the API server did not take it for an object of its kind, before it asked anybody; only for rows that say so. */
  readonly invalid?: string;
}

/** Makes the request of a row, so that nothing changes, and reads what policies said. */
export async function verdict(api: Api, one: AdmissionCase): Promise<Verdict> {
  const { status, body, warnings } = await perform(api, one);
  if (one.mayBeInvalid && (status === 422 || status === 400)) { return { refusals: [], warnings: [], invalid: body }; }
  const refusals = sayings(body, /ValidatingAdmissionPolicy '([^']+)' with binding '[^']+' denied request: ([^]*)/);
  // A refusal by anything else would make a row mean nothing. 409 is for what exists already, 400 for a connection that is none.
  const isAnswered = status < 300 || refusals.length > 0 || status === 409 || (one.operation === 'connect' && status !== 403)
    || (one.object.metadata.name === 'any' && status === 404);
  assert.ok(isAnswered, `${status} ${body}`);
  return { refusals, warnings: warnings.flatMap(text => sayings(text, /ValidatingAdmissionPolicy '([^']+)' with binding '[^']+': ([^]*)/)) };
}

function sayings(text: string, pattern: RegExp): Saying[] {
  const decoded = text.startsWith('{') ? (JSON.parse(text) as { message?: string }).message ?? '' : text;
  const match = pattern.exec(decoded);
  return match ? [{ name: match[1], message: match[2] }] : [];
}

async function perform(api: Api, { operation, object: target, change, subresource, user }: AdmissionCase): ReturnType<Api['call']> {
  const dry = '?dryRun=All';
  switch (operation) {
    case 'create': return api.call('POST', api.path(target, 'all') + dry, target, user);
    case 'delete': return api.call('DELETE', api.path(target, 'one') + dry, undefined, user);
    case 'token': return api.call('POST', api.path(target, 'one', 'token') + dry, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [] } }, user);
    case 'connect': return api.call('POST', api.path(target, 'one', subresource), undefined, user);
    default: {
      const live = await api.call('GET', api.path(target, 'one'));
      assert.equal(live.status, 200, live.body);
      const path = api.path(target, 'one', operation === 'debug' ? 'ephemeralcontainers' : subresource);
      return api.call('PUT', path + dry, change!(JSON.parse(live.body) as AnyObject), user);
    }
  }
}

