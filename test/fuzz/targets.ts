import { extensions } from './extensions.ts';
import { frames } from './frames.ts';
import { heads } from './heads.ts';
import { inflate } from './inflate.ts';
import { messages } from './messages.ts';
import { sessions } from './sessions.ts';
import type { Target } from './target.ts';

/** Everything that is fuzzed. */
export const TARGETS = [frames, heads, extensions, inflate, messages, sessions] as readonly Target[];
