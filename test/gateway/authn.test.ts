import { digestOf, LuaProgram } from './lua';
import { AUTH_DIRECTORY, CREDENTIALS_FILE, TLS_DIRECTORY } from '../../src/gateway/paths';
import { TOKEN_FILES } from '../e2e/suites/token-files';
import { find, render } from '../support';

const TOKEN = 'one-token-of-some-length';
const OTHER = 'another-token-of-some-length';
const CERTIFICATE = `${TLS_DIRECTORY}/tls.crt`;
const KEY = `${TLS_DIRECTORY}/tls.key`;

/** The list of credentials that Parca's gateway gets. */
const CREDENTIALS = find<{ data: Record<string, string> }>(render(), 'ConfigMap', 'parca-gateway').data.credentials;

let program: LuaProgram;

/** The program with a list of credentials and the files of tokens and digests. */
function start(credentials: string, tokens: Readonly<Record<string, string | Uint8Array>>, others: Readonly<Record<string, string>> = {}): void {
  const files = Object.fromEntries(Object.entries(tokens).map(([file, content]) => [`${AUTH_DIRECTORY}/${file}`, content]));
  program = new LuaProgram('gateway/authn.lua', { [CREDENTIALS_FILE]: credentials, ...files, ...others });
}

/** What a request with this token is found to be; nothing if nobody knows it. */
function who(token: string): Readonly<Record<string, string | number>> {
  const { 'txn.digest': _, ...found } = program.act('authn', { 'txn.digest': digestOf(token) });
  return found;
}

describe('authn.lua', () => {
  it.each(TOKEN_FILES)('opens what it should: $name', ({ secrets, attempts }) => {
    start(CREDENTIALS, Object.fromEntries(Object.entries(secrets)
      .flatMap(([role, files]) => Object.entries(files).map(([file, content]) => [`${role}/${file}`, content]))));
    for (const { role, token, expected } of attempts) {
      const found = who(token.trim())['txn.role'];
      expect(found === undefined ? 401 : found === role ? 200 : 403).toBe(expected);
    }
  });

  it('tells the tenant of a token and the name of its credential', () => {
    start('push shop shop/sha256 shop/token\nread - read/sha256 read/token', { 'shop/token': TOKEN, 'read/sha256': digestOf(OTHER) });
    expect(who(TOKEN)).toEqual({ 'txn.role': 'push', 'txn.credential': 'shop/sha256', 'txn.tenant': 'shop' });
    expect(who(OTHER)).toEqual({ 'txn.role': 'read', 'txn.credential': 'read/sha256' });
    expect(who('a token that nobody has')).toEqual({});
    expect(program.act('authn')).toEqual({});
  });

  it('takes a token of two tenants for that of neither', () => {
    start('push shop shop/sha256 shop/token\npush bank bank/sha256', { 'shop/token': TOKEN, 'bank/sha256': digestOf(TOKEN) });
    expect(who(TOKEN)).toEqual({});
  });

  it.each<[string, string | Uint8Array, string]>([
    ['a byte order mark', `\uFEFF${TOKEN}`, 'begins with a byte order mark and is ignored: save it as plain ASCII'],
    ['UTF-16', Buffer.from(`\uFEFF${'sixteen-letters!'}`, 'utf16le'), 'is UTF-16 and is ignored: save it as plain ASCII'],
    ['UTF-16, the other end first', Buffer.from(`\uFEFF${'sixteen-letters!'}`, 'utf16le').swap16(), 'is UTF-16 and is ignored: save it as plain ASCII'],
    ['nothing', '', 'is empty'],
    ['white space', ' \n', 'is empty'],
    ['two tokens', 'sixteen-letters! sixteen-letters!', 'holds more than one token and is ignored'],
    ['an umlaut', 'sixteen-letters-ü', 'holds characters that are no printable ASCII and is ignored'],
    ['15 characters', 'fifteen-letters', 'is shorter than 16 characters and is ignored'],
    ['4097 characters', 'a'.repeat(4097), 'is longer than 4096 characters and is ignored'],
    ['more than fits into a Secret', 'a'.repeat(1_048_577), 'has more than 1048576 bytes and is ignored'],
  ])('tells the log once what is wrong with a token: %s', (_, content, problem) => {
    start(CREDENTIALS, { 'read/token': content });
    program.wake();
    expect(program.log).toEqual([`warning: read/token ${problem}`]);
    if (typeof content === 'string') { expect(who(content.trim())).toEqual({}); }
  });

  it('takes a token of 4096 characters', () => {
    start(CREDENTIALS, { 'read/token': 'a'.repeat(4096) });
    expect(who('a'.repeat(4096))['txn.role']).toBe('read');
    expect(program.log).toEqual([]);
  });

  it('tells the log of the first line that is no digest', () => {
    start(CREDENTIALS, { 'read/sha256': `${digestOf(TOKEN)}\nno digest\nnor this\n` });
    expect(program.log).toEqual(['warning: read/sha256 has a line that is no SHA-256 digest in hex, the first being number 2']);
    expect(who(TOKEN)['txn.role']).toBe('read');
  });

  it('lets nobody in without a list of credentials', () => {
    start(CREDENTIALS, { 'read/token': TOKEN });
    expect(who(TOKEN)['txn.role']).toBe('read');
    program.write({ [CREDENTIALS_FILE]: undefined });
    program.wake();
    expect(who(TOKEN)).toEqual({});
    expect(program.log).toEqual([`warning: ${CREDENTIALS_FILE} is missing: nobody gets in`]);
  });

  it('skips lines of the list that name no file', () => {
    start('read -\n\nread - read/sha256\n', { 'read/sha256': digestOf(TOKEN) });
    expect(who(TOKEN)['txn.role']).toBe('read');
  });

  it('reads tokens again, without a restart', () => {
    start(CREDENTIALS, { 'read/token': TOKEN });
    program.write({ [`${AUTH_DIRECTORY}/read/token`]: OTHER });
    expect(who(TOKEN)['txn.role']).toBe('read');
    program.wake();
    expect(who(TOKEN)).toEqual({});
    expect(who(OTHER)['txn.role']).toBe('read');
  });

  it('gives HAProxy the certificate when it has changed, and then alone', () => {
    start(CREDENTIALS, {}, { [CERTIFICATE]: 'old certificate', [KEY]: 'old key' });
    program.wake();
    expect(program.list('certificates')).toEqual([]);
    program.write({ [CERTIFICATE]: 'new certificate', [KEY]: '' });
    program.wake();
    expect(program.list('certificates')).toEqual([]);
    program.write({ [KEY]: 'new key' });
    program.wake();
    program.wake();
    expect(program.list('certificates')).toEqual([{ '': 'new certificate\nnew key', 'filename': CERTIFICATE }]);
    expect(program.log).toEqual(['info: certificate reloaded']);
  });

  it('tries a certificate again that HAProxy did not take', () => {
    start(CREDENTIALS, {}, { [CERTIFICATE]: 'old certificate', [KEY]: 'old key' });
    program.set('broken_cache', true);
    program.write({ [KEY]: 'new key' });
    program.wake();
    expect(program.log[0]).toMatch(/^alert: certificate not reloaded, the old one stays: .*unable to load certificate/);
    program.set('broken_cache', false);
    program.wake();
    expect(program.list('certificates')).toHaveLength(1);
  });
});
