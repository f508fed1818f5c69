import { section } from './backends';
import { UNAUTHENTICATED } from './capacity';

/**
 * Rules for callers that have not shown a valid token: what they may cost before they do, and how they are refused.
 *
 * A connection is judged by its address, since nothing else is known of it. It counts until it has shown a valid token, so
 * that a thousand agents behind one address are a thousand authenticated connections, and not one attacker.
 */
export function unauthenticatedRules(): { readonly connection: readonly string[]; readonly request: readonly string[] } {
  const { waiting, refusals } = UNAUTHENTICATED;
  return {
    connection: [
      'errorfile 408 /dev/null',
      '# 0. Connections without a valid token: of one address, and of all together.',
      'tcp-request connection track-sc0 src table addresses',
      'tcp-request connection track-sc1 int(0) table everybody',
      ...[OF_ADDRESS, OF_ALL].map(counter => `tcp-request connection set-var(sess.known_of_${counter}) sc_gpc_rate(${KNOWN},${counter})`),
      'acl is_new_address sc_get_gpt(0,0) eq 0',
      `tcp-request connection reject if is_new_address ${atLeast(OF_ADDRESS, UNAUTHENTICATED.perAddress)}`,
      `tcp-request connection reject if is_new_address ${atLeast(OF_ALL, UNAUTHENTICATED.busy)} ${atLeast(OF_ADDRESS, UNAUTHENTICATED.perAddressWhenBusy)}`,
      `tcp-request connection reject if is_new_address ${atLeast(OF_ALL, UNAUTHENTICATED.total)}`,
      // Agents behind the address of a NAT share it with whoever guesses there, so it is refused last.
      `tcp-request connection reject if ${atLeast(OF_ALL, UNAUTHENTICATED.total)} ${atLeast(OF_ADDRESS, UNAUTHENTICATED.perKnownAddress)}`,
      ...[OF_ADDRESS, OF_ALL].map(counter => `tcp-request connection sc-inc-gpc(${OPENED},${counter})`),
    ],
    request: [
      'http-request track-sc2 var(txn.credential) table credentials if is_known',
      'http-request track-sc2 str(-) table credentials unless is_known',
      // The first valid token of a connection takes it out of the count.
      ...['sc-set-gpt(0,0) 1', `sc-inc-gpc(${KNOWN},0)`, `sc-inc-gpc(${KNOWN},1)`].map(action =>
        `http-request ${action} if is_known !{ var(sess.is_known) -m found }`),
      'http-request set-var(sess.is_known) int(1) if is_known',
      // A caller that is known may take its time, where the version can tell them apart.
      '.if version_atleast(3.0)',
      'http-request set-timeout client 1m if is_known',
      '.endif',
      `http-request sc-inc-gpc(${REFUSED},0) unless is_known`,
      `acl is_insistent sc_gpc_rate(${REFUSED},0) gt ${refusals}`,
      // The answer cannot close a connection of HTTP/2, so the next request on it does. One that also has good requests stays a while.
      'http-request reject if !is_known { var(sess.is_refused) -m found } !{ var(sess.is_known) -m found }',
      'http-request reject if !is_known { var(sess.is_refused) -m found } is_insistent',
      'http-request set-var(sess.is_refused) int(1) unless is_known',
      'http-request set-log-level silent if !is_known is_insistent',
      'http-request deny deny_status 429 content-type text/plain string "too many requests\\n" hdr connection close hdr retry-after 10 if !is_known is_insistent',
      // An answer that overtakes the body is a reset for many clients. A body that does not end gets no answer but the end of the connection.
      `http-request wait-for-body time 1s if !is_known { sc_conn_cur(2) le ${waiting} }`,
      // What is left of a longer body of HTTP/1.1 would be read to its end, however slowly that comes.
      'http-request reject if !is_known { req.ver -m beg 1. } { req.body_size gt 8192 }',
      'http-request deny deny_status 401 content-type text/plain string "unauthorized\\n" hdr www-authenticate "Bearer realm=profiles" hdr connection close unless is_known',
    ],
  };
}

/** Entries of tables that a connection has: that of its address, and that of all. */
const [OF_ADDRESS, OF_ALL] = [0, 1];

/** Counters of an entry: connections that were let in, those of them that showed a valid token, requests that did not. */
const [OPENED, KNOWN, REFUSED] = [0, 1, 2];

/** Whether an entry has so many connections that did not show a valid token. */
function atLeast(counter: number, count: number): string {
  return `{ sc_gpc_rate(${OPENED},${counter}),sub(sess.known_of_${counter}) ge ${count} }`;
}

/** Stick tables that count unauthenticated callers. An address is remembered for an hour after it has last connected. */
export function unauthenticatedTables(): string {
  const { seconds } = UNAUTHENTICATED;
  return [
    section('backend addresses', [`stick-table type ipv6 size 16k expire 1h store gpt(1),gpc(3),gpc_rate(3,${seconds}s)`]),
    section('backend everybody', [`stick-table type integer size 1 expire 1h store gpc(2),gpc_rate(2,${seconds}s)`]),
    section('backend credentials', ['stick-table type string len 128 size 1k expire 1h store conn_cur,http_req_rate(10s),bytes_in_rate(10s)']),
  ].join('\n');
}
