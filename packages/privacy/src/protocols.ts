/** Secure sums behind one port: for tests, and for the benchmark that compares them. */
export {
  type LightMessage,
  type LightOptions,
  lightSecAggProtocol,
} from './lightsecagg/lightsecagg-protocol.ts';
export { type RingSum, type Sa1Message, type Sa1Options, sa1Protocol } from './secagg/sa1-protocol.ts';
export {
  type MemberIdentity,
  runSecureSum,
  type SecretInput,
  type SecureSumCoordinator,
  type SecureSumMember,
  type SecureSumOutcome,
  type SecureSumProtocol,
} from './secure-sum-protocol.ts';
