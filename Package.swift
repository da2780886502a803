// swift-tools-version: 6.1
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "winnow",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Winnow", targets: ["Winnow"]),
    .library(name: "WinnowPacks", targets: ["WinnowPacks"]),
    .executable(name: "winnow", targets: ["WinnowCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    .systemLibrary(
      name: "CPCRE2", pkgConfig: "libpcre2-8",
      providers: [.apt(["libpcre2-dev"]), .brew(["pcre2"])]),

    .systemLibrary(
      name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(
      name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),

    // The wall: the only code that sees PCRE2's pointers.
    .target(name: "PCRE2", dependencies: ["CPCRE2"], swiftSettings: strict),

    // Rules as data: what a rule is, the gate of a pattern, the compact table.
    .target(name: "WinnowRules", dependencies: ["PCRE2"], swiftSettings: strict),

    // The library: bytes in, clean text and its edits out. The plugin embeds Patterns/.
    .target(
      name: "Winnow", dependencies: ["PCRE2", "WinnowRules"], swiftSettings: strict,
      plugins: ["EmbedPatternsPlugin"]),

    // YAML packs → rules. Apart from the library because the YAML parser brings Foundation.
    .target(
      name: "WinnowPacks",
      dependencies: ["PCRE2", "WinnowRules", .product(name: "Yams", package: "Yams")],
      swiftSettings: strict),

    .executableTarget(
      name: "EmbedPatterns", dependencies: ["WinnowPacks", "WinnowRules"], swiftSettings: strict),
    .plugin(
      name: "EmbedPatternsPlugin", capability: .buildTool(), dependencies: ["EmbedPatterns"]),

    .executableTarget(
      name: "WinnowCommand",
      dependencies: [
        "Winnow", "WinnowPacks", "WinnowRules", "PCRE2", "CZlib", "CZstd",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // What holds for any bytes. The tests replay Fuzz/Regressions; libFuzzer drives it, see below.
    .target(
      name: "Fuzz", dependencies: ["Winnow", "WinnowPacks", "WinnowRules", "PCRE2"],
      path: "Fuzz/Targets", swiftSettings: strict),

    .testTarget(
      name: "WinnowTests",
      dependencies: ["Winnow", "WinnowPacks", "WinnowRules", "PCRE2", "Fuzz"], exclude: ["Cases"],
      swiftSettings: strict),
    .testTarget(
      name: "CommandTests", dependencies: ["WinnowCommand"], exclude: ["Fixtures"],
      swiftSettings: strict),
  ]
)

// `make fuzz`: everything of ours with the address sanitizer and libFuzzer's counters, and the
// program that libFuzzer drives. Its main function is libFuzzer's, so it links only here.
if Context.environment["WINNOW_FUZZING"] != nil {
  let counters = "-sanitize-coverage=edge,inline-8bit-counters,pc-table,trace-cmp"
  for target in package.targets where [.regular, .executable].contains(target.type) {
    target.swiftSettings? += [
      .unsafeFlags(["-sanitize=address", counters, "-assert-config", "Debug"])
    ]
    target.linkerSettings = [.unsafeFlags(["-sanitize=address"])]
  }
  package.targets.append(
    .executableTarget(
      name: "winnow-fuzz", dependencies: ["Fuzz"], path: "Fuzz/Main",
      swiftSettings: strict + [.unsafeFlags(["-sanitize=address"])],
      linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]))
}
