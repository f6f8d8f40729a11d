import { measureSpeeds, type SpeedOptions } from '../speeds.ts';

self.onmessage = ({ data }: MessageEvent<SpeedOptions>) => self.postMessage(measureSpeeds(data));
