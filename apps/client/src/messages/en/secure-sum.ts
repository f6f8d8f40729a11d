/** Words of secure aggregation on the participant page. */

import type { SecureSumReport } from '@tributary/participant';
import type { SecAggErrorCode } from '@tributary/privacy';
import { count, plural } from '../figures.ts';

export const secureSum = {
  smallestGroup: {
    title: 'Smallest group',
    does: (size: number) =>
      `Your update is only added up with those of at least ${plural(size - 1, 'other', 'others')}: in a sum of few, it would be easier to guess what yours was. In smaller groups this device sends nothing, or refuses to open the sum. No coordinator can change this.`,
    choice: (size: number) => `${count(size)} people`,
    runTooSmall: (largest: number, size: number) =>
      `In this run at most ${count(largest)} people are added up, and your smallest group is ${count(size)}: your device can take part in none of them. Choose a smaller group, or do not take part.`,
  },

  privacy: {
    leavesInShort: (size: string) =>
      `in each round what training changed in the model (${size}), masked: only the sum over a whole group can be opened`,
    update: (size: string) =>
      `In each round you take part in: a masked update of ${size}. By itself it looks like random numbers; only the sum over the whole group can be opened`,
    keys: 'public keys for each sum, encrypted pieces of their secrets for others of the group (so that the sum can be opened without those who drop out), and signatures',
    enoughExamples: (minimum: number) =>
      `that you have at least ${plural(minimum, 'example', 'examples')}; how many, and how well the model does on those that you hold out, goes into the sum only`,
    device:
      'the public key of this device, a signature made with it, your ticket, the kind of backend, and how far training is',
    title: 'What the coordinator learns, and what it does not',
    learns:
      'If it follows the protocol, the coordinator learns the sum of the updates of a group, who took part and when, and who dropped out. It does not learn the update of any one person.',
    sumTells:
      'A sum still tells something about those in it, and the more so the smaller the group and the more often the same people take part. No noise is added in this run.',
    visibleInShort: 'the coordinator sees who takes part and when, and the sum of each group',
    collusion:
      'This fails if enough of the others in a group work together with the coordinator, or are not real people but invented by it.',
    code: 'Whoever serves this page could serve you another one that does not do what it says. No web page can prove the opposite.',
  },

  report: {
    title: 'What the coordinator could see',
    none: 'Shown here after the first sum, from what this device itself has checked.',
    under: (round: number) => `Round ${count(round)}, as this device has checked it:`,
    group: 'Group',
    groupOf: (members: number) => plural(members, 'device', 'devices'),
    inSum: 'In the sum',
    inSumOf: (survivors: number, least: number) =>
      `${count(survivors)} (at least ${count(least)} are needed)`,
    notYet: 'not closed yet',
    shares: 'Opened by',
    sharesOf: (threshold: number, degree: number) =>
      `at least ${count(threshold)} of the ${count(degree)} devices that hold pieces of a secret`,
    confirmed: 'Same list for others',
    stages: {
      sharing: 'Secrets are being shared. Nothing of your update has left.',
      masking: 'Your update is being masked and sent. Masked, it looks like random numbers.',
      confirming: 'It is being compared whether all were told the same survivors.',
      revealed: 'This device did its part: the sum can be opened, your update by itself cannot.',
      lost: 'This device dropped out. What it may have sent stays masked, or is in the sum only.',
      refused: 'This device refused to go on. What it may have sent stays masked, or is in the sum only.',
    } satisfies Record<SecureSumReport['stage'], string>,
    isConfirmed: 'yes: enough of them signed the list that this device signed',
    isNotConfirmed: 'not yet',
    saw: 'The coordinator could see: the sum, who took part and when, and who dropped out.',
    sawNot:
      'It could not see: your update by itself, how many examples you have, or how the model does on them.',
    condition: (threshold: number) =>
      `This holds as long as fewer than ${count(threshold)} of those that hold pieces of your secrets work together with the coordinator, and this page is the published one.`,
    label:
      'Label: curious server. It protects against a coordinator that follows the protocol and looks at all that it gets; against one that lies, somebody else would have to vouch for this page and for the people in the group.',
  },

  refused: 'This device refused to take part in this sum',
  refusals: {
    'secagg-parameters-impossible':
      'For a group of this size no arrangement is known that protects everybody as the plan of this run asks.',
    'secagg-plan-mismatch': 'The coordinator named other parameters than this device computes from the plan.',
    'secagg-cohort-too-small':
      'The group is smaller than your smallest group, or than the plan of this run allows. Your update stays hidden.',
    'secagg-roster-too-large': 'The coordinator named more members than one group may have.',
    'secagg-roster-invalid':
      'The list of members is not in order: a signature is wrong, somebody is in it twice, or this device is not in it as it offered itself.',
    'secagg-equivocation':
      'The coordinator told this device two different things about one sum. An honest one never does.',
    'secagg-stage-mismatch':
      'The coordinator sent something that belongs to another sum, or came out of turn.',
    'secagg-key-invalid': 'Somebody in the list has a key that gives no protection.',
    'secagg-share-invalid':
      'A piece of somebody’s secret could not be opened, or is not the one that was promised: somebody lies, or was shown another list.',
    'secagg-survivors-invalid':
      'The coordinator contradicted itself about who is still there: for example, it counts this device among those who dropped out.',
    'secagg-survivors-unconfirmed':
      'Too few others signed the list of survivors that this device was shown: they may have been shown another one.',
    'secagg-below-threshold': 'Too few pieces of a secret are left; the sum stays closed.',
    'secagg-dealer-inconsistent': 'Somebody’s secret is not the one that was promised.',
    'secagg-state-lost':
      'The secrets of this sum are no longer on this device, because the page was reloaded or closed. They are never stored. The next round is a new chance.',
    'secagg-message-malformed': 'The coordinator sent something for the sum that is not understood.',
  } satisfies Record<SecAggErrorCode, string>,
};
