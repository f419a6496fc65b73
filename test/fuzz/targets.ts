import { extensions } from './extensions.ts';
import { frames } from './frames.ts';
import { heads } from './heads.ts';
import { http2Frames } from './http2-frames.ts';
import { http2Heads } from './http2-heads.ts';
import { inflate } from './inflate.ts';
import { messages } from './messages.ts';
import { pieces } from './pieces.ts';
import { sessions } from './sessions.ts';
import { streams } from './streams.ts';
import type { Target } from './target.ts';

/** Everything that is fuzzed. */
export const TARGETS = [
  frames,
  pieces,
  heads,
  http2Heads,
  http2Frames,
  extensions,
  inflate,
  messages,
  sessions,
  streams,
] as readonly Target[];
