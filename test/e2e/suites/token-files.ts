import type { Role, TokenSecrets } from '../harness/deployment';
import { digestOf, TOKENS } from '../harness/deployment';

/** What the Secrets hold, and what then becomes of tokens. */
export interface TokenFileCase {
  readonly name: string;
  readonly secrets: TokenSecrets;
  readonly attempts: ReadonlyArray<{ readonly role: Role; readonly token: string; readonly expected: 200 | 401 | 403 }>;
}

const TOKEN = TOKENS.read;
const OTHER = digestOf('another token');
/** What an empty token, and what a file without a token, hash to. */
const DIGEST_OF_NOTHING = digestOf('');

/** Secrets of the role `read`, and whether some tokens then open its route. */
function read(name: string, secret: Readonly<Record<string, string>>, attempts: Readonly<Record<string, 200 | 401>>): TokenFileCase {
  return { name, secrets: { read: secret }, attempts: Object.entries(attempts).map(([token, expected]) => ({ role: 'read', token, expected })) };
}

export const TOKEN_FILES: readonly TokenFileCase[] = [
  read('empty file, empty token', { token: '' }, { '': 401, ' ': 401, [DIGEST_OF_NOTHING]: 401 }),
  read('file of white space', { token: ' \t\r\n \n' }, { '': 401, ' ': 401, '\t': 401 }),
  read('file of NUL bytes', { token: '\0'.repeat(32) }, { '': 401 }),
  read('token of 15 characters', { token: 'fifteen-letters' }, { 'fifteen-letters': 401 }),
  read('token of 16 characters', { token: 'sixteen-letters!' }, { 'sixteen-letters!': 200, 'sixteen-letters': 401 }),
  read('token with white space around it', { token: ` ${TOKEN}\r\n` }, { [TOKEN]: 200, [digestOf(TOKEN)]: 401 }),
  read('two tokens in one file', { token: `${TOKEN}\n${OTHER}\n` }, { [TOKEN]: 401, [OTHER]: 401 }),
  read('token and previous token', { 'token': TOKEN, 'token-previous': OTHER }, { [TOKEN]: 200, [OTHER]: 200 }),
  read('previous token alone', { 'token-previous': OTHER }, { [OTHER]: 200, [TOKEN]: 401 }),
  read('digest of a token', { sha256: digestOf(TOKEN) }, { [TOKEN]: 200, [digestOf(TOKEN)]: 401 }),
  read('digests as sha256sum prints them', { sha256: `${digestOf(TOKEN).toUpperCase()}  -\n${digestOf(OTHER)}  other\n` }, { [TOKEN]: 200, [OTHER]: 200 }),
  read('digest in the file for tokens', { token: digestOf(TOKEN) }, { [TOKEN]: 401, [digestOf(TOKEN)]: 200 }),
  read('token in the file for digests', { sha256: TOKEN }, { [TOKEN]: 401 }),
  read('digest of nothing', { sha256: DIGEST_OF_NOTHING }, { '': 401, ' ': 401, [DIGEST_OF_NOTHING]: 401 }),
  read('digest cut short', { sha256: digestOf(TOKEN).slice(0, 63) }, { [TOKEN]: 401 }),
  read('digest with a digit too many', { sha256: `${digestOf(TOKEN)}0` }, { [TOKEN]: 401 }),
  read('file for digests with other text', { sha256: 'no digest here\n\n#\n' }, { [TOKEN]: 401, '': 401 }),
  read('key of another name', { 'password': TOKEN, 'token.txt': TOKEN }, { [TOKEN]: 401 }),
  { name: 'no Secrets at all', secrets: {}, attempts: [{ role: 'read', token: TOKEN, expected: 401 }, { role: 'push', token: '', expected: 401 }] },
  {
    name: 'Secret of one role alone',
    secrets: { read: { token: TOKEN } },
    attempts: [{ role: 'read', token: TOKEN, expected: 200 }, { role: 'push', token: TOKEN, expected: 403 }],
  },
  {
    name: 'one token in two roles is good for neither',
    secrets: { read: { token: TOKEN }, push: { token: TOKEN } },
    attempts: [{ role: 'read', token: TOKEN, expected: 401 }, { role: 'push', token: TOKEN, expected: 401 }],
  },
  {
    name: 'one token in two roles, once as a digest',
    secrets: { read: { sha256: digestOf(TOKEN) }, push: { token: TOKEN } },
    attempts: [{ role: 'read', token: TOKEN, expected: 401 }, { role: 'push', token: TOKEN, expected: 401 }],
  },
  {
    name: 'one token in two roles, once as the previous one',
    secrets: { read: { 'token-previous': TOKEN, 'token': OTHER }, symbols: { token: TOKEN } },
    attempts: [{ role: 'read', token: TOKEN, expected: 401 }, { role: 'symbols', token: TOKEN, expected: 401 }, { role: 'read', token: OTHER, expected: 200 }],
  },
  {
    name: 'one token in three roles',
    secrets: { read: { token: TOKEN }, push: { token: TOKEN }, metrics: { sha256: digestOf(TOKEN) } },
    attempts: (['read', 'push', 'metrics'] as const).map(role => ({ role, token: TOKEN, expected: 401 })),
  },
  read('one token twice in its own role', { 'token': TOKEN, 'token-previous': TOKEN, 'sha256': digestOf(TOKEN) }, { [TOKEN]: 200 }),
];
