// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

/// @notice A proof by snarkjs of the circuit 16-8-4 with the weights and pixels of test/support/proofs/random-mlp.ts, seed 1.
/// test/src/proofs/inference.test.ts checks that it belongs to the key that the set-up gives today.
library SmallMlpProof {
    /// @notice The verifying key: alpha, beta, gamma, delta, three ic points.
    bytes internal constant KEY =
        hex"0d7edcb59fa28f3598117b44121e3ce9ffb8b4a22e95b4c16ad0c993f6879210"
        hex"13be22aece3d219cc6f4f4ff2a22c27110a9d4c7cd3fcb7b4072764d69432b11"
        hex"281aa051b9ff5e4dd7a9cb0035046587173a657389ffec91979d9678f9ba6138"
        hex"258772d83a1f49b44d74ab561f1396ad6374a262f88457bad8cc059da43a15fd"
        hex"118fb1efeb16442cd3cc18438ff37e31a94de49f9c3a102b0c4438f2993b2b3d"
        hex"0b33ee8d701d1db7e6dbfa78ad997b18e42e6adaf1cecc177a44a5a271f0087b"
        hex"198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2"
        hex"1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed"
        hex"090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b"
        hex"12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa"
        hex"198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2"
        hex"1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed"
        hex"090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b"
        hex"12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa"
        hex"0c776014442a68604185a3d0f718f8af282ce2b9e7c2f1cfdcf27191254a54d2"
        hex"129c3f986a458979cbd4643e83cd47195007a091fe3b8f714b5b60101557c7f0"
        hex"1a589dc4ba96721b3dab753ca30291880d20e3189c69ddbd8175a92af5f23a64"
        hex"2f931e2e054f32dca3a611e353b487057f483c5716f3e739e2af173479b319e2"
        hex"25e788e09e2732ad69917e6abc2e5abb11b7b55e817c50a041710b41e88d48bf"
        hex"1a502d1829e22a58ba87e384609ad2353857b24b82900115564219bfda238c8f";

    /// @notice A, B, C.
    bytes internal constant PROOF =
        hex"0d65e05e838169941d6fc776b9720b31c09acf58267144c716eccdbb85065aeb"
        hex"27cff1f4afbc9265c7f0f84554005e8d794a180231099c4ed54776896cd2cc62"
        hex"1b0ff21102ab46ebd11a98f0ea84467dd14ee00456a1e329e12e1bc338fc351b"
        hex"24ea1194142de8013e98326dba97c27ff7b468b35bbcd6247f00d30b106f8c5a"
        hex"0bffb512c8a811d3c3a18ec982eba579fd77518e76caa59f9eeaa2c2e742be63"
        hex"2f1649bbc897bf797369459ca055492b9f33baad518caf1ca99a15afb4b171a3"
        hex"1977eb7427a0cfa86a8244450affcddb0c54ffe1d836a07a2a6930821694ad65"
        hex"17093c804a663ed1e4e61d02caf883f13cefe14f000b6178c952474f50bbb55b";

    /// @notice The answer and the hash of the input.
    bytes internal constant INPUTS =
        hex"0000000000000000000000000000000000000000000000000000000000000001"
        hex"2f93c80d0367be584ff572ec8cf260ad261ad74d3cdc3139ecc49882dc48a560";
}
