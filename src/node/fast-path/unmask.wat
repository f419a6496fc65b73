;; Masks or unmasks memory in place (RFC 6455 §5.3), 64 bytes at a time, then 16, then byte by byte.
;; `npm run wasm` puts the binary into unmask-wasm.ts.
(module
  (import "memory" "slab" (memory 1))

  ;; $key holds the masking key as its 4 bytes lie in memory: the first one, for the byte at $at, is the lowest.
  (func (export "unmask") (param $at i32) (param $end i32) (param $key i32)
    (local $keys v128)
    (local.set $keys (i32x4.splat (local.get $key)))

    (block $no64
      (loop $next64
        (br_if $no64 (i32.lt_u (i32.sub (local.get $end) (local.get $at)) (i32.const 64)))
        (v128.store (local.get $at) (v128.xor (v128.load (local.get $at)) (local.get $keys)))
        (v128.store offset=16 (local.get $at) (v128.xor (v128.load offset=16 (local.get $at)) (local.get $keys)))
        (v128.store offset=32 (local.get $at) (v128.xor (v128.load offset=32 (local.get $at)) (local.get $keys)))
        (v128.store offset=48 (local.get $at) (v128.xor (v128.load offset=48 (local.get $at)) (local.get $keys)))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (br $next64)))

    (block $no16
      (loop $next16
        (br_if $no16 (i32.lt_u (i32.sub (local.get $end) (local.get $at)) (i32.const 16)))
        (v128.store (local.get $at) (v128.xor (v128.load (local.get $at)) (local.get $keys)))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $next16)))

    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (i32.store8 (local.get $at) (i32.xor (i32.load8_u (local.get $at)) (local.get $key)))
        (local.set $key (i32.rotr (local.get $key) (i32.const 8)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))))
