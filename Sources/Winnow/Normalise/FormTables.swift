/// Generated data about Unicode form C.
enum FormTables {
  static let unsettled: [ClosedRange<UInt32>] = []
}
