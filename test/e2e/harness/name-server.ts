import { createSocket } from 'node:dgram';

/** A name server that answers every question for an IPv4 address with the same ones. */
export interface NameServer { close(): void }

/** Starts one on port 53 of this address. */
export async function startNameServer(host: string, addresses: readonly string[]): Promise<NameServer> {
  const socket = createSocket('udp4');
  socket.on('message', (query, { address, port }) => {
    const end = endOfQuestion(query);
    const isForIpv4 = query.readUInt16BE(end - 4) === 1;
    const answers = isForIpv4 ? addresses.map(record) : [];
    const head = Buffer.from(query.subarray(0, 12));
    head.writeUInt16BE(0x8580, 2); // an authoritative answer
    head.writeUInt16BE(answers.length, 6);
    head.writeUInt32BE(0, 8);
    socket.send(Buffer.concat([head, query.subarray(12, end), ...answers]), port, address);
  });
  await new Promise<void>((done, failed) => {
    socket.once('error', failed);
    socket.bind(53, host, done);
  });
  return { close: () => { socket.close(); } };
}

/** Behind the name, its type and class. */
function endOfQuestion(query: Buffer): number {
  let position = 12;
  while (query[position] !== 0) { position += query[position] + 1; }
  return position + 5;
}

/** An address record for the name of the question, for a second. */
function record(address: string): Buffer {
  return Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split('.').map(Number)]);
}
