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
        "Winnow", "WinnowPacks", "WinnowRules", "PCRE2",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    .testTarget(
      name: "WinnowTests",
      dependencies: ["Winnow", "WinnowPacks", "WinnowRules", "PCRE2"], exclude: ["Cases"],
      swiftSettings: strict),
    .testTarget(
      name: "CommandTests", dependencies: ["WinnowCommand"], exclude: ["Fixtures"],
      swiftSettings: strict),
  ]
)
