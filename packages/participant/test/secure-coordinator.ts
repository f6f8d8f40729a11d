/**
 * A coordinator for one secure round: real sockets, real HTTP, the coordinator's side of the secure sum, and no judgement
 * of who is late. What it tells may be changed on its way, as a hostile one would.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createLaneSum, type RingVector } from '@tributary/compression';
import {
  blobHashOf,
  type ClientId,
  type ClientMessage,
  type CoordinatorMessage,
  clientMessageSchema,
  decodeRingFrame,
  deriveClientId,
  emptyModelLog,
  encodeFrame,
  hexToBytes,
  initialParameters,
  modelLogHead,
  modelPath,
  type PublicKey,
  plainSha256,
  SOCKET_PATH,
  sumTask,
  type TaskManifest,
  UPDATES_PATH,
  UPLOAD_OFFSET_HEADER,
} from '@tributary/fl-core';
import {
  applyMasks,
  bitmapOf,
  checkConfirmation,
  closeRoster,
  confirmationsFor,
  deliverShares,
  type KeyOffer,
  missingShares,
  openServerSession,
  type RevealedShare,
  readOffer,
  readRevealed,
  readSealedShares,
  recoverMasks,
  type SealedShares,
  type ServerSession,
} from '@tributary/privacy';
import { Server, type Socket } from 'socket.io';
import { openWebCrypto } from '../src/secure-sum/web-crypto.ts';
import { RUN_ID } from './small-coordinator.ts';

interface Member {
  readonly socket: Socket;
  readonly identity: Uint8Array;
  readonly clientId: ClientId;
}

export interface SecureCoordinator {
  readonly port: number;
  readonly url: string;
  readonly received: ClientMessage[];
  readonly uploads: Buffer[];
  /** Set when the sum is open: the unmasked vectors. */
  readonly opened: Promise<readonly [update: Int32Array, tail: Int32Array]>;
  /** What is told to the member with this index in the roster instead of `message`; null before it is in one. */
  tamper: (message: CoordinatorMessage, index: number | null) => readonly CoordinatorMessage[];
  /** To everybody, whatever was said before. */
  say(message: CoordinatorMessage): void;
  /** Sends its newest stage messages again, as after a reconnect. */
  sayAgain(): void;
  close(): Promise<void>;
}

export async function openSecureCoordinator(
  manifest: TaskManifest,
  { cohort, isLost = () => false }: { readonly cohort: number; readonly isLost?: (index: number) => boolean },
): Promise<SecureCoordinator> {
  const model = encodeFrame(initialParameters(manifest.model, manifest.seed), plainSha256);
  const modelHash = blobHashOf(model);
  const roundNumber = 1;
  const previousModelLog = emptyModelLog(RUN_ID);
  const modelLog = modelLogHead(previousModelLog, { roundNumber, modelHash });
  const task = sumTask(manifest, { runId: RUN_ID, roundNumber, modelHash, modelLog, encoding: null });
  const crypto = await openWebCrypto();
  const members = new Map<string, Member>();
  const offers = new Map<string, KeyOffer>();
  const sealed = new Map<number, SealedShares>();
  const announced = new Map<string, number>();
  const sums: readonly RingVector[] = task.vectors.map(({ length, bits }) => createLaneSum(length, bits));
  const survivors = new Set<number>();
  const signatures = new Map<number, Uint8Array>();
  const answered = new Set<number>();
  const revealed: RevealedShare[] = [];
  const said = new Map<Member, CoordinatorMessage[]>();
  let session: ServerSession | null = null;
  let order: Member[] = [];
  let open: (sum: readonly [Int32Array, Int32Array]) => void = () => {};
  const opened = new Promise<readonly [Int32Array, Int32Array]>((resolve) => {
    open = resolve;
  });

  const http = createServer((request, response) => void answer(request, response));
  const io = new Server(http, { path: SOCKET_PATH, serveClient: false, transports: ['websocket'] });
  const coordinator = {
    received: [] as ClientMessage[],
    uploads: [] as Buffer[],
    opened,
    tamper: ((message) => [message]) as SecureCoordinator['tamper'],
    say(message: CoordinatorMessage) {
      for (const { socket } of members.values()) socket.emit('message', message);
    },
    sayAgain() {
      for (const [member, messages] of said)
        for (const message of messages.slice(-1)) member.socket.emit('message', message);
    },
  };

  io.on('connection', (socket) => {
    let member: Member | null = null;
    socket.emit('message', { type: 'challenge', nonce: randomBytes(32).toString('hex') });
    socket.on('message', async (raw: unknown) => {
      const message = clientMessageSchema.parse(raw);
      coordinator.received.push(message);
      if (message.type === 'checkIn') {
        const clientId = deriveClientId(message.publicKey as PublicKey);
        member = { socket, identity: hexToBytes(message.publicKey), clientId };
        members.set(clientId, member);
        tell(member, { type: 'admitted', runId: RUN_ID, clientId, manifest });
        const common = { roundNumber, modelHash, modelLog, previousModelLog };
        tell(member, { type: 'invited', ...common, deadlineSeconds: 60 });
      } else if (member) await hear(member, message);
    });
  });

  async function hear(member: Member, message: ClientMessage): Promise<void> {
    const index = order.indexOf(member);
    switch (message.type) {
      case 'keysOffered': {
        const offer = await readOffer({ identity: member.identity, bytes: message.bytes }, task, crypto);
        offers.set(member.clientId, offer);
        if (offers.size === cohort) closeCohort();
        return;
      }
      case 'sharesSealed':
        sealed.set(index, readSealedShares(session!, index, message.bytes));
        if (sealed.size === cohort) deliver();
        return;
      case 'masked': {
        announced.set(message.updateHash, index);
        const uploadTicket = `ticket-for-${message.updateHash}`;
        return tell(member, { type: 'uploadGranted', ...again, uploadTicket, cohortSize: cohort });
      }
      case 'survivorsConfirmed': {
        const { signature } = message;
        const isGood = await checkConfirmation(session!, { index, ...remaining(), signature }, crypto);
        if (!isGood) return;
        signatures.set(index, signature);
        if (signatures.size === survivors.size) requestUnmasking();
        return;
      }
      case 'sharesRevealed': {
        if (answered.has(index)) return;
        answered.add(index);
        const shares = { index, ...remaining(), bytes: message.bytes };
        revealed.push(...readRevealed(session!, shares, (dealer) => sealed.get(dealer)!));
        if (answered.size === survivors.size) await unmask();
        return;
      }
      default:
        return;
    }
  }

  const again = { roundNumber, deadlineSeconds: 60 };
  const sharers = () => bitmapOf(cohort, sealed.keys());
  const remaining = () => ({ sharers: sharers(), survivors: bitmapOf(cohort, survivors) });

  function closeCohort(): void {
    const roster = closeRoster([...offers.values()], task);
    const beacon = randomBytes(32);
    session = openServerSession(task, roster, beacon);
    order = roster.offers.map(
      ({ identity }) =>
        [...members.values()].find((member) => Buffer.compare(member.identity, identity) === 0)!,
    );
    for (const member of order) tell(member, { type: 'rosterClosed', ...again, beacon, bytes: roster.bytes });
  }

  function deliver(): void {
    for (const [index, member] of order.entries()) {
      const bytes = deliverShares(session!, index, sharers(), (dealer) => sealed.get(dealer)!);
      tell(member, { type: 'sharesDelivered', ...again, sharers: sharers(), bytes });
    }
  }

  function requestUnmasking(): void {
    for (const index of survivors) {
      const bytes = confirmationsFor(session!, index, signatures);
      tell(order[index]!, { type: 'unmaskRequested', ...again, bytes });
    }
  }

  async function unmask(): Promise<void> {
    if (missingShares(session!, remaining(), revealed).length > 0) return;
    const masks = await recoverMasks(session!, remaining(), revealed, crypto);
    for (const [vector, sum] of sums.entries())
      await applyMasks(sum, masks[vector]!, { from: 0, to: sum.length }, crypto);
    open([sums[0]!.signedValues(), sums[1]!.signedValues()]);
    for (const member of order) {
      const accepted = survivors.has(order.indexOf(member));
      const committed = { roundNumber, modelHash, survivors: survivors.size, accepted };
      tell(member, { type: 'roundCommitted', ...committed });
      tell(member, { type: 'runEnded', status: 'completed', modelHash, committedRounds: 1 });
    }
  }

  function tell(member: Member, message: CoordinatorMessage): void {
    const index = order.indexOf(member);
    const told = coordinator.tamper(message, index < 0 ? null : index);
    said.set(member, [...(said.get(member) ?? []), ...told]);
    for (const one of told) member.socket.emit('message', one);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url === modelPath(modelHash)) return void response.end(model);
    if (request.method === 'HEAD') return void response.setHeader(UPLOAD_OFFSET_HEADER, 0).end();
    if (request.method !== 'PUT' || request.url !== UPDATES_PATH) return void response.writeHead(404).end();
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const updateHash = blobHashOf(body);
    const index = announced.get(updateHash);
    if (index === undefined) return void response.writeHead(401).end();
    coordinator.uploads.push(body);
    response.end(JSON.stringify({ accepted: true, roundNumber, updateHash, bytes: body.length }));
    const { bits, length } = task.vectors[0]!;
    const layout = { isMasked: true, length, bits, tailLength: task.vectors[1]!.length };
    const frame = decodeRingFrame(body, layout);
    if (!isLost(index)) {
      sums[0]!.addPacked(frame.packed);
      sums[1]!.add(frame.tail, 0);
      survivors.add(index);
    }
    if (coordinator.uploads.length < cohort) return;
    for (const survivor of survivors)
      tell(order[survivor]!, { type: 'survivorsClosed', ...again, ...remaining() });
  }

  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const { port } = http.address() as AddressInfo;
  return Object.assign(coordinator, {
    port,
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      http.closeAllConnections();
      await io.close();
    },
  });
}
