import { createHash } from 'node:crypto';
import type { CurrentSecret } from './current-secrets';
import { LABEL } from './current-secrets';
import type { Problem } from '../../config/problem';
import { SpecError } from '../../config/problem';
import type { SecretName, Token, TokenSecret } from '../../gateway/token';

/** The steps of a rotation, in their order. */
export const STEPS = ['accept', 'use', 'end'] as const;
export type Step = typeof STEPS[number];

/** Result of a step of a rotation: the Secrets to replace, and notes. */
export interface Rotation {
  /** To be replaced as a whole. */
  readonly secrets: readonly CurrentSecret[];
  readonly notes: readonly string[];
}

/** The key beside that of a token where the new one waits. No name of a tenant ends like this, and Grafana reads no such file. */
const NEXT = '.next';

/** Shorter ones are ignored by the gateway. */
const SHORTEST_TOKEN = 16;

/**
 * Rotates a token in three steps, between which the cluster takes its time. The old token works until the last one.
 *
 * - `accept`: the gateway gets the digest of a new token beside those it has. The new token waits in the Secrets of its users.
 * - `use`: it takes the place of the old one there.
 * - `end`: the gateway keeps the digest of the token that is used, and no other.
 *
 * What has been done is read from the Secrets, so each step can be repeated. A new token counts only if the gateway has its
 * digest: who can write one of the users' Secrets cannot choose a token by that.
 *
 * @throws SpecError if a Secret is missing, or if it is not the time for this step
 */
export function rotate(token: Token, current: readonly CurrentSecret[], step: Step, newToken: () => string): Rotation {
  const problems = missing(token, current);
  if (problems.length > 0) { throw new SpecError(problems, 'standard input'); }
  const secrets = new Secrets(current);
  const state: State = { token, secrets, digests: acceptedDigests(token, secrets) };
  const notes = { accept, use, end }[step](state, newToken);
  return { secrets: secrets.changed(), notes };
}

interface State {
  readonly token: Token;
  readonly secrets: Secrets;
  /** Of all tokens that the gateway accepts, the newest last. */
  readonly digests: readonly string[];
}

function accept({ token, secrets, digests }: State, newToken: () => string): string[] {
  const next = waitingToken(token, secrets, digests) ?? newToken();
  const used = token.users.flatMap(user => tokenOf(user, secrets, digests) ?? []).map(digestOf);
  writeDigests(token, secrets, [...digests, digestOf(next)]);
  token.users.forEach(user => secrets.write(user, user.key + NEXT, next));
  const others = digests.filter(digest => !used.includes(digest) && digest !== digestOf(next)).length;
  return [
    'Step 1 of 3: the gateway accepts a new token beside the old one, within two minutes after this is applied. Then: --step use',
    ...(others > 0 ? [`The gateway also accepts ${others} other ${others === 1 ? 'token' : 'tokens'} that no Secret of the document holds. --step end ends that.`] : []),
  ];
}

function use({ token, secrets, digests }: State): string[] {
  const next = waitingToken(token, secrets, digests);
  if (next === undefined) {
    throw outOfTurn('use finds no new token that the gateway accepts', 'one token that waits in the Secrets of its users', 'begin with --step accept');
  }
  token.users.forEach(user => {
    secrets.write(user, user.key, user.value(next));
    secrets.remove(user, user.key + NEXT);
  });
  return [
    'Step 2 of 3: the Secrets of the users hold the new token. Restart what reads its token at start.',
    'When every client has it: --step end',
  ];
}

function end({ token, secrets, digests }: State): string[] {
  if (token.users.some(user => secrets.read(user, user.key + NEXT) !== undefined)) {
    throw outOfTurn('end finds a new token that was not handed out', 'Secrets that hold the new token', 'go on with --step use');
  }
  const newest = digests[digests.length - 1];
  if (newest === undefined || token.users.some(user => digestOf(tokenOf(user, secrets, digests) ?? '') !== newest)) {
    throw outOfTurn('end finds users without the newest token of the gateway', 'that token in every Secret of its users', 'begin with --step accept');
  }
  writeDigests(token, secrets, [newest]);
  const ended = digests.length - 1;
  return [`Step 3 of 3: the gateway accepts the token that is in use and no other; ${ended} ${ended === 1 ? 'ends' : 'end'}.`];
}

/** Digests alone: raw tokens that the gateway had go, unless somebody reads them there. */
function writeDigests({ gateway, users }: Token, secrets: Secrets, digests: readonly string[]): void {
  secrets.write(gateway, gateway.digests, [...new Set(digests)].join('\n'));
  gateway.rawTokens.filter(key => !users.some(user => isSame(user, gateway) && user.key === key))
    .forEach(key => secrets.remove(gateway, key));
}

/** The digests of all tokens that the gateway accepts, the newest last. */
function acceptedDigests({ gateway }: Token, secrets: Secrets): string[] {
  const raw = gateway.rawTokens.map(key => (secrets.read(gateway, key) ?? '').trim()).filter(text => text.length >= SHORTEST_TOKEN).map(digestOf);
  const listed = (secrets.read(gateway, gateway.digests) ?? '').split(/[\r\n]+/)
    .flatMap(line => /^\s*([0-9a-f]{64})(?![0-9a-f])/i.exec(line)?.[1].toLowerCase() ?? []);
  return [...new Set([...raw.filter(digest => !listed.includes(digest)), ...listed])];
}

/** The new token that waits to be used: it is the newest of the gateway, or somebody else wrote there. */
function waitingToken({ users }: Token, secrets: Secrets, digests: readonly string[]): string | undefined {
  const [token, ...others] = new Set(users.flatMap(user => secrets.read(user, user.key + NEXT) ?? []));
  return token !== undefined && others.length === 0 && digestOf(token) === digests[digests.length - 1] ? token : undefined;
}

/** The token in what a user has, which may be a header or a file: that whose digest the gateway knows. */
function tokenOf(user: TokenSecret, secrets: Secrets, digests: readonly string[]): string | undefined {
  const text = secrets.read(user, user.key) ?? '';
  return [text.trim(), ...text.match(/[\w.~+/=-]{16,}/g) ?? []].find(word => digests.includes(digestOf(word)));
}

function missing({ gateway, users }: Token, current: readonly CurrentSecret[]): Problem[] {
  return [gateway, ...users].filter((name, i, all) => all.findIndex(other => isSame(other, name)) === i)
    .filter(name => !current.some(({ metadata }) => isSame(metadata, name)))
    .map(({ namespace, name }) => ({
      path: [],
      message: `lacks the Secret ${name} of namespace ${namespace}`,
      allowed: 'the Secrets of gateway and users',
      // Empty is enough: each step writes what belongs there.
      fix: `if it does not exist: kubectl create secret generic ${name} -n ${namespace}\nkubectl label secret ${name} -n ${namespace} ${LABEL}`,
    }));
}

function outOfTurn(message: string, allowed: string, fix: string): SpecError {
  return new SpecError([{ path: [], message: `--step ${message}`, allowed, fix }], 'standard input');
}

function isSame(a: SecretName, b: SecretName): boolean {
  return a.namespace === b.namespace && a.name === b.name;
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Secrets as they are, and as they are to be. */
class Secrets {
  private readonly changes = new Map<CurrentSecret, Map<string, string>>();

  constructor(private readonly current: readonly CurrentSecret[]) {}

  public read(name: SecretName, key: string): string | undefined {
    const data = this.find(name).data ?? {};
    return Object.hasOwn(data, key) ? Buffer.from(data[key], 'base64').toString() : undefined;
  }

  public write(name: SecretName, key: string, text: string): void {
    this.change(name).set(key, Buffer.from(text).toString('base64'));
  }

  public remove(name: SecretName, key: string): void {
    this.change(name).delete(key);
  }

  /** Whole Secrets with their version, so that a change of somebody else in between is refused and not lost. */
  public changed(): CurrentSecret[] {
    return [...this.changes].map(([secret, data]) => ({
      ...secret, metadata: withoutHistory(secret.metadata), data: Object.fromEntries([...data].sort(([a], [b]) => (a < b ? -1 : 1))),
    }));
  }

  private change(name: SecretName): Map<string, string> {
    const secret = this.find(name);
    const data = this.changes.get(secret) ?? new Map(Object.entries(secret.data ?? {}));
    this.changes.set(secret, data);
    return data;
  }

  private find(name: SecretName): CurrentSecret {
    return this.current.find(({ metadata }) => isSame(metadata, name))!;
  }
}

/** kubectl apply keeps a copy of the Secret there, with its raw token. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

function withoutHistory(metadata: CurrentSecret['metadata']): CurrentSecret['metadata'] {
  const { annotations = {}, ...others } = metadata;
  const { [LAST_APPLIED]: _, ...kept } = annotations;
  return { ...others, ...(Object.keys(kept).length > 0 && { annotations: kept }) };
}
