import { gunzipSync, gzipSync } from 'node:zlib';
import type { Client } from './client';
import { bytes, pprof } from './protobuf';

export const WRITE_RAW = '/parca.profilestore.v1alpha1.ProfileStoreService/WriteRaw';

/** A profile in which one function used all the time: what one has to know to find it again. */
export interface Profile {
  readonly functionName: string;
  readonly at: Date;
}

/** The message of Parca's WriteRaw that stores a profile. */
export function writeRequest({ functionName, at }: Profile): Buffer {
  const labels = Object.entries({ __name__: 'process_cpu', job: functionName });
  const series = Buffer.concat([
    bytes(1, ...labels.map(([name, value]) => bytes(1, bytes(1, name), bytes(2, value)))),
    bytes(2, bytes(1, compressed({ functionName, at }))),
  ]);
  return bytes(2, series);
}

/** The profile itself, in the format of pprof. */
export function compressed({ functionName, at }: Profile): Buffer {
  return gzipSync(pprof(functionName, 420_000_000, at));
}

/** Values of a label that Parca has seen around a time. */
export async function labelValues(client: Client, token: string, label: string, at: Date): Promise<string[]> {
  const [start, end] = [-60_000, 60_000].map(distance => new Date(at.getTime() + distance).toISOString());
  const parameters = new URLSearchParams({ start, end });
  const { body } = await client.get(`/api/profiles/labels/${label}/values?${parameters.toString()}`, token);
  return (JSON.parse(body.toString()) as { labelValues?: string[] }).labelValues ?? [];
}

/** Stores a profile. Returns the status of the call. */
export async function push(client: Client, token: string, profile: Profile): Promise<string> {
  return (await client.grpc(WRITE_RAW, token, writeRequest(profile))).status;
}

/** The strings of a stored profile; undefined while there is none. */
export async function query(client: Client, token: string, { functionName, at }: Profile): Promise<string | undefined> {
  const parameters = new URLSearchParams({
    'mode': 'MODE_MERGE',
    'report_type': 'REPORT_TYPE_PPROF',
    'merge.query': `process_cpu:cpu:nanoseconds:cpu:nanoseconds:delta{job="${functionName}"}`,
    'merge.start': new Date(at.getTime() - 60_000).toISOString(),
    'merge.end': new Date(at.getTime() + 60_000).toISOString(),
  });
  const { status, body } = await client.get(`/api/profiles/query?${parameters.toString()}`, token);
  if (status !== 200) { return undefined; }
  const { pprof: encoded } = JSON.parse(body.toString()) as { pprof?: string };
  const strings = gunzipSync(Buffer.from(encoded ?? '', 'base64')).toString('latin1');
  return strings.includes(functionName) ? strings : undefined;
}
