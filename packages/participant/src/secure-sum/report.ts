/** How far this device's part in a secure sum is, and what it checked by itself: for the person, nothing of it is sent. */
import type { SecAggErrorCode, SecureGroup } from '@tributary/privacy';

export type SecureSumReport = {
  readonly roundNumber: number;
  /** Null before the group was known. */
  readonly group: SecureGroup | null;
} & (
  | {
      /**
       * `sharing`: secrets go to the others, and theirs come. `masking`: the update is masked and sent. `confirming`: who
       * survived is signed, and the signatures of others are awaited. `revealed`: enough of them signed the same, and this
       * device did its part.
       */
      readonly stage: 'sharing' | 'masking' | 'confirming' | 'revealed';
    }
  /** `lost`: a reload or a lost deadline; `refused`: by a rule of this device. */
  | { readonly stage: 'refused' | 'lost'; readonly code: SecAggErrorCode }
);
