/** One sum of a case from beginning to end, and what it cost its parties. */
import { openNodeCrypto } from '@tributary/coordinator/dist/secure-sum/node-crypto.js';
import { runSecureSum, type SecureSumProtocol } from '@tributary/privacy/protocols';
import { dropsOut, type SumCase, thresholdsOf } from './cases.ts';
import { computedMembers } from './computed-members.ts';
import type { CoordinatorCosts } from './coordinator-process.ts';
import { openIdentity } from './identity.ts';
import { inputOf, plainSum } from './inputs.ts';
import { limitSeconds, type SumBytes } from './limits.ts';
import { openRemoteCoordinator } from './remote-coordinator.ts';
import { type SumMessage, secureSumOf } from './secure-sum-of.ts';
import type { TimedMembers } from './timed-members.ts';
import { uploadBytes } from './uploads.ts';

/** Of how many members the time is taken. */
const TIMED = 6;

export interface SumCosts {
  /** Of the fastest of the timed members: what the work costs when nothing else disturbs the machine. */
  readonly clientCpuSeconds: number;
  readonly coordinator: CoordinatorCosts;
  /** Of the one in the middle: to be compared with the bare work, which is no best case either. */
  readonly clientMedianSeconds: number;
  /** What the bare work of a member takes. */
  readonly clientLimitSeconds: number;
  readonly uploadBytes: number;
  readonly isExact: boolean;
}

export async function runCase(of: SumCase, timed: TimedMembers): Promise<SumCosts> {
  const stays = (member: number) => !dropsOut(of, member);
  const survivors = Array.from({ length: of.n }, (_, member) => member).filter(stays);
  const first = await Promise.all(survivors.slice(0, TIMED).map((member) => timed.open(of, member)));
  const others = await Promise.all(Array.from({ length: of.n - first.length }, openIdentity));
  const members = [...first.map(({ identity }) => ({ identity, sign: signedElsewhere })), ...others];
  const coordinator = await openRemoteCoordinator(
    of,
    members.map(({ identity }) => identity),
  );
  try {
    const seconds = first.map(() => 0);
    const untimed = untimedMembers(of, survivors.length - first.length);
    const protocol = secureSumOf(of);
    const { sum, uploads } = await runSecureSum(
      {
        ...protocol,
        openMember: (identity) => {
          const at = members.findIndex((member) => member.identity === identity.identity);
          const member = first[at];
          if (!member) return untimed(identity, () => inputOf(of, at));
          return {
            answer: async (stage, heard) => {
              seconds[at]! += (await timed.meter(() => member.work(stage, heard))).seconds;
              return member.takeAnswer();
            },
          };
        },
        openCoordinator: () => coordinator,
      },
      {
        members: members.map((member) => ({ ...member, crypto: openNodeCrypto() })),
        inputOf: () => [],
        crypto: openNodeCrypto(),
        dropsOutAt: (member) => (stays(member) ? null : 'mask'),
      },
    );
    const bytes = bytesOf(of);
    return {
      clientCpuSeconds: Math.min(...seconds),
      clientMedianSeconds: seconds.toSorted((a, b) => a - b)[Math.floor(seconds.length / 2)]!,
      clientLimitSeconds: await limitSeconds(bytes.client, timed.bareWork, timed.meter),
      coordinator: await coordinator.costs(bytes.coordinator),
      uploadBytes: protocol.stages.reduce(
        (total, stage, at) => total + uploadBytes(of, stage, uploads[at]!.get(0)!),
        0,
      ),
      isExact: areEqual(sum, plainSum(of, survivors)),
    };
  } finally {
    coordinator.close();
  }
}

async function signedElsewhere(): Promise<never> {
  throw new Error('a timed member signs where it runs');
}

/** Opens members that are there for the sum. */
function untimedMembers(of: SumCase, count: number): SecureSumProtocol<SumMessage>['openMember'] {
  if (of.protocol === 'lightsecagg') return secureSumOf(of).openMember;
  const computed = computedMembers(count);
  const { openMember } = secureSumOf(of, computed.openRing);
  return (identity, input) => openMember({ ...identity, crypto: computed.cryptoFor(identity.crypto) }, input);
}

/** What the parties of SA-1 cannot do without. */
function bytesOf(of: SumCase): { readonly client: SumBytes; readonly coordinator: SumBytes } {
  const { k } = thresholdsOf(of);
  const dropped = Math.floor(of.dropout * of.n);
  const survivors = of.n - dropped;
  const maskBytes = of.params * Math.ceil(of.bits / 8);
  const packedBytes = Math.ceil((of.params * of.bits) / 8);
  const clientBytes = (k + 1) * maskBytes;
  // Of each survivor its own mask, of each lost member one for each neighbour that survived.
  const coordinatorBytes = (survivors + (dropped * k * survivors) / (of.n - 1)) * maskBytes;
  return {
    client: { stream: clientBytes, added: clientBytes + packedBytes },
    coordinator: { stream: coordinatorBytes, added: coordinatorBytes + survivors * packedBytes },
  };
}

function areEqual(left: readonly Int32Array[], right: readonly Int32Array[]): boolean {
  return left.every((vector, at) => Buffer.compare(viewOf(vector), viewOf(right[at]!)) === 0);
}

const viewOf = ({ buffer, byteOffset, byteLength }: Int32Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
