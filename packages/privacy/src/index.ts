export { clipToNorm, l2Norm } from './clip.ts';
