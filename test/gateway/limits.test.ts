import { LuaProgram } from './lua';

const DAY = 86_400;
const request = (credential: string) => ({ 'txn.credential': credential, 'txn.max_body': 100, 'txn.per_day': 250 });

let program: LuaProgram;
beforeEach(() => { program = new LuaProgram('gateway/limits.lua'); });

/** What the action `charge` says of a credential; undefined if it may go on. */
const refusal = (credential: string) => program.act('charge', request(credential))['txn.refused'];
const send = (credential: string, ...pieces: number[]) => program.pass('bounded', request(credential), pieces);

describe('limits.lua', () => {
  it('lets a body through up to its bound, and ends the request at the first piece that is over', () => {
    expect(send('a', 60, 40)).toEqual({ status: 200, pieces: 2 });
    expect(send('b', 60, 41, 10)).toEqual({ status: 413, pieces: 2 });
  });

  it('ends the request that takes the credential over its day', () => {
    expect([send('a', 100), send('a', 100), send('a', 50)].map(answer => (answer as { status: number }).status)).toEqual([200, 200, 200]);
    expect(send('b', 100)).toEqual({ status: 200, pieces: 1 });
    expect(send('a', 1, 1)).toEqual({ status: 429, pieces: 1 });
  });

  it('refuses requests of a credential that has nothing left, and of no other', () => {
    [100, 100, 49].forEach(length => send('a', length));
    expect(refusal('a')).toBeUndefined();
    send('a', 1);
    expect(refusal('a')).toBe(429);
    expect(refusal('b')).toBeUndefined();
  });

  it('counts what was ended', () => {
    [99, 101, 50].forEach(length => send('a', length));
    expect(refusal('a')).toBe(429);
  });

  it('begins again on the next day', () => {
    program.set('clock', DAY - 1);
    [100, 100, 50].forEach(length => send('a', length));
    expect(refusal('a')).toBe(429);
    program.set('clock', DAY);
    expect(refusal('a')).toBeUndefined();
    expect(send('a', 100)).toEqual({ status: 200, pieces: 1 });
  });

  it('counts no answers', () => {
    expect(program.pass('bounded', request('a'), [1000], true)).toEqual({ status: 200, pieces: 0 });
    expect(refusal('a')).toBeUndefined();
  });
});
